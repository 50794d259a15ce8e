/// How a bucket is named to S3: by the host's first label at AWS's own addresses, as AWS's clients do, else in the path.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>
package struct BucketAddress: Hashable {
    package let hostPrefix: String?
    /// Encoded; ends in no slash unless it is one.
    package let path: String

    package init(hostPrefix: String?, path: String) {
        self.hostPrefix = hostPrefix
        self.path = path
    }

    /// - Parameters:
    ///   - bucket: nil where none is meant.
    ///   - endpoint: Of S3 itself.
    package init(_ bucket: String?, at endpoint: Endpoint) {
        guard let bucket else {
            (hostPrefix, path) = (nil, "")
            return
        }
        // The certificate covers one label, and a name that is none of the old style's is in lower case.
        if endpoint.isAmazonsOwn, Self.isLabel(bucket) {
            (hostPrefix, path) = (bucket, "/")
        } else {
            (hostPrefix, path) = (nil, "/" + PercentEncoding.encode(bucket))
        }
    }

    private static func isLabel(_ bucket: String) -> Bool {
        let bytes = Array(bucket.utf8)
        let isPlain: (UInt8) -> Bool = {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        guard (3...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        return isPlain(first) && isPlain(last) && bytes.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") }
    }
}

extension Endpoint {
    /// Whether the host is S3 itself at AWS, where buckets are hosts, too: not a proxy, a VPC's own or this machine.
    var isAmazonsOwn: Bool {
        scheme == .https && port == 443
            && ["s3.", "s3-fips."].contains { host.hasPrefix($0) }
            && (host.hasSuffix(".amazonaws.com")
                || Partition.allCases.contains { host.hasSuffix("." + $0.suffix(.init())) })
            && !host.contains(".vpce.")
    }

    /// The host with a label before it.
    package func prefixed(_ label: String) -> Endpoint {
        Endpoint(selfProving: scheme, host: "\(label).\(host)", port: port)
    }
}
