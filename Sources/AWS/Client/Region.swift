/// An AWS Region and the partition it lies in.
package struct Region: Hashable, Sendable, CustomStringConvertible {
    package enum Partition: String, Hashable, Sendable {
        case aws
        case china = "aws-cn"
        case govCloud = "aws-us-gov"

        fileprivate var dnsSuffix: String { self == .china ? "amazonaws.com.cn" : "amazonaws.com" }
    }

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

    /// The partition, as botocore's `partitions.json` tells it; nil for those that Keyrite has no addresses for.
    package var partition: Partition? {
        let words = name.split(separator: "-")
        if words.count == 4 { return name.hasPrefix("us-gov-") ? .govCloud : nil }
        guard words.count == 3 else { return nil }
        switch words[0] {
        case "us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx": return .aws
        case "cn": return .china
        default: return nil
        }
    }

    /// The address of a service in this Region: `https://kms.eu-central-1.amazonaws.com`.
    ///
    /// - Parameter service: `kms`, `sts`.
    package func endpoint(for service: String) throws -> Endpoint {
        guard let partition else {
            throw AWSError.configuration("the partition of Region \(name) is not known; name the endpoint explicitly")
        }
        return try Endpoint("https://\(service).\(name).\(partition.dnsSuffix)")
    }

    package var description: String { name }
}
