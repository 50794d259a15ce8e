/// Why JSON that is read strictly is not what it should be.
package struct StrictJSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where in it, and what; it ends without a full stop.
    package let description: String

    init(_ error: DecodingError) {
        func text(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil, _ what: String? = nil) -> String {
            let path = (context.codingPath + (key.map { [$0] } ?? [])).map { key in
                key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)"
            }.joined()
            return (path.isEmpty ? "" : "\(path.trimmingPrefix(".")): ") + (what ?? context.debugDescription)
        }
        description =
            switch error {
            case .keyNotFound(let key, let context): text(context, key, "it is missing")
            case .valueNotFound(_, let context): text(context, nil, "it must not be null")
            case .typeMismatch(_, let context): text(context, nil, "it is of the wrong type")
            case .dataCorrupted(let context): text(context)
            @unknown default: "it cannot be read"
            }
    }
}
