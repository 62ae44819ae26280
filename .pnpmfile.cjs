// The reference UI is served as the one bundle that it ships for browsers, which carries everything that it needs.
// Its 180 dependencies are for those who build a UI of their own.
module.exports = {
  hooks: {
    readPackage: (manifest) =>
      manifest.name === "@scalar/api-reference" ? { ...manifest, dependencies: {} } : manifest,
  },
};
