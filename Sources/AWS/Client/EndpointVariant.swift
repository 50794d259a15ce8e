/// Which of a service's addresses in a Region.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html>
package struct EndpointVariant: Hashable, Sendable {
    /// The address whose TLS is validated to FIPS 140.
    package let fips: Bool
    /// The address that answers over IPv6 as well.
    package let dualStack: Bool

    package init(fips: Bool = false, dualStack: Bool = false) {
        self.fips = fips
        self.dualStack = dualStack
    }

    var isPlain: Bool { !fips && !dualStack }
}
