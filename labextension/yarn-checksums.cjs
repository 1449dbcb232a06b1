// Lets yarn write and check a checksum for every package in yarn.lock.
//
// Yarn by itself does neither for a package that is for one platform only (`conditions` in yarn.lock), because it never
// fetches those of the other platforms. But these packages are native programs that run during the build. With this
// plugin the one for this platform is checked against yarn.lock like any other package, and the checksums of the others
// stay in yarn.lock. `npm run lock` fetches all of them and adds checksums that are missing.
module.exports = {
  name: 'platform-checksums',
  factory: require => {
    const { Cache } = require('@yarnpkg/core');
    const fetchPackage = Cache.prototype.fetchPackageFromCache;
    Cache.prototype.fetchPackageFromCache = async function (locator, expected, options) {
      const isForHere = !options.mockedPackages?.has(locator.locatorHash);
      const checked = isForHere ? { ...options, unstablePackages: undefined } : options;
      const [files, release, checksum] = await fetchPackage.call(this, locator, expected, checked);
      return [files, release, checksum ?? expected];
    };
    return {};
  }
};
