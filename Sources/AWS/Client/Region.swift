/// An AWS Region and the partition it lies in.
package struct Region: Hashable, Sendable, CustomStringConvertible {
    package let name: String

    /// - Parameter name: Such as `eu-central-1`: letters, then words, then a number, joined by hyphens.
    /// - Throws: `AWSError.configuration` for anything else, because the name becomes part of a host name.
    package init(_ name: String) throws {
        let words = name.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard name.utf8.count <= 32, (3...5).contains(words.count),
            words.dropLast().allSatisfy({ !$0.isEmpty && $0.allSatisfy(letters.contains) }),
            let number = words.last, !number.isEmpty, number.allSatisfy(digits.contains)
        else {
            throw AWSError.configuration("\"\(Printable.text(name, limit: 64))\" is not the name of an AWS Region")
        }
        self.name = name
    }

    /// The partition, by the names that botocore's `partitions.json` gives each one's Regions; nil for all others.
    package var partition: Partition? {
        let words = name.split(separator: "-").map(String.init)
        return switch (words.count, words[0], words[1]) {
        case (3, "cn", _): .china
        case (3, "us", _), (3, "eu", _), (3, "ap", _), (3, "sa", _), (3, "ca", _), (3, "me", _), (3, "af", _),
            (3, "il", _), (3, "mx", _):
            .aws
        case (4, "us", "gov"): .govCloud
        case (4, "us", "iso"): .iso
        case (4, "us", "isob"): .isoB
        case (4, "eu", "isoe"): .isoE
        case (4, "us", "isof"): .isoF
        case (4, "eusc", "de"): .europeanSovereign
        default: nil
        }
    }

    /// The address of a service in this Region: `https://kms.eu-central-1.amazonaws.com`.
    ///
    /// - Parameters:
    ///   - service: `kms`, `sts`.
    ///   - variant: Which of the service's addresses.
    /// - Throws: `AWSError.configuration` for a Region of no known partition.
    package func endpoint(for service: String, _ variant: EndpointVariant = .init()) throws -> Endpoint {
        guard let partition else {
            throw AWSError.configuration("the partition of Region \(name) is not known; name the endpoint explicitly")
        }
        // GovCloud's plain STS and CloudTrail are validated to FIPS 140 and have no second name, but over dual stack.
        let isPlainlyFIPS = ["cloudtrail", "sts"].contains(service) && partition == .govCloud && !variant.dualStack
        let host = variant.fips && !isPlainlyFIPS ? service + "-fips" : service
        return try Endpoint("https://\(host).\(name).\(partition.suffix(variant))")
    }

    package var description: String { name }
}
