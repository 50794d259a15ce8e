package import CryptoPrimitives

/// A request in the one form that both sides of a signature compute.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
package struct CanonicalRequest: Sendable {
    /// The canonical text.
    package let text: String
    /// Lowercase names of the headers it covers, sorted.
    package let signedHeaders: [String]

    /// - Parameters:
    ///   - request: The request as it is on the wire.
    ///   - signing: Names of the headers to cover, in any case and order; by default every header of the request.
    ///   - normalizingPath: Whether `.`, `..` and doubled slashes are resolved; S3 alone does without.
    ///   - encodingPathTwice: Whether the path, encoded on the wire already, is encoded once more; S3 alone does without.
    package init(
        _ request: SigningRequest, signing names: [String]? = nil, normalizingPath: Bool = true,
        encodingPathTwice: Bool = true
    ) {
        let headers = request.headers.map { (name: $0.name.lowercased(), value: $0.value) }
        let wanted = Set(names?.map { $0.lowercased() } ?? headers.map(\.name))
        signedHeaders = wanted.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let lines = signedHeaders.map { name in
            let values = headers.filter { $0.name == name }.map { Self.collapsed($0.value) }
            return name + ":" + values.joined(separator: ",") + "\n"
        }
        text = [
            request.method,
            Self.path(request.path, normalizing: normalizingPath, encodingTwice: encodingPathTwice),
            Self.query(request.query),
            lines.joined(),
            signedHeaders.joined(separator: ";"),
            request.payloadSHA256.hex,
        ].joined(separator: "\n")
    }

    package var sha256: SHA256Digest { SHA256Digest(of: text.utf8) }

    /// Without white space at the ends, and with one space for each run of it inside.
    private static func collapsed(_ value: String) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        return value.utf8.split(whereSeparator: isSpace)
            .map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }

    /// The path of the wire is encoded already; SigV4 encodes it a second time, for every service but S3.
    private static func path(_ path: String, normalizing: Bool, encodingTwice: Bool) -> String {
        let resolved = normalizing ? PercentEncoding.resolvingDots(path) : path
        guard !resolved.isEmpty else { return "/" }
        return encodingTwice ? PercentEncoding.encode(resolved, keeping: "/") : resolved
    }

    private static func query(_ query: String) -> String {
        let pairs = query.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return parts.map { PercentEncoding.encode(PercentEncoding.decode($0)) }
        }
        let sorted = pairs.map { (name: $0[0], value: $0.count == 2 ? $0[1] : "") }.sorted { left, right in
            left.name == right.name
                ? left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
                : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
        return sorted.map { $0.name + "=" + $0.value }.joined(separator: "&")
    }
}
