/// The first place where a document differs from what would be written for the value decoded from it.
struct JSONDeviation: Hashable {
    var path = JSONPath()
    let reason: String

    fileprivate func inside(_ step: JSONPath.Step) -> JSONDeviation {
        JSONDeviation(path: JSONPath(steps: [step] + path.steps), reason: reason)
    }
}

extension JSONValue {
    func firstDeviation(from written: JSONValue) -> JSONDeviation? {
        switch (self, written) {
        case (.object(let found), .object(let written)):
            let keys = Set(found.keys).union(written.keys).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            for key in keys {
                guard let inner = found[key] else {
                    return JSONDeviation(reason: "the key \"\(key)\" is missing")
                }
                guard let other = written[key] else {
                    return JSONDeviation(path: JSONPath(steps: [.key(key)]), reason: "the key is unknown")
                }
                if let deviation = inner.firstDeviation(from: other) { return deviation.inside(.key(key)) }
            }
            return nil
        case (.array(let found), .array(let written)) where found.count == written.count:
            for (index, (inner, other)) in zip(found, written).enumerated() {
                if let deviation = inner.firstDeviation(from: other) { return deviation.inside(.index(index)) }
            }
            return nil
        default:
            return self == written ? nil : JSONDeviation(reason: "is not what would be written for the value it holds")
        }
    }
}
