import Evidence

/// A file that people write for an estimate, read strictly: nothing unknown, nothing twice.
struct ImpactFile {
    /// The most bytes: 64 MiB, quantities of a hundred thousand resources and more.
    static let limit = 64 << 20
    private static let deepest = 8

    private let path: String

    init(_ path: String) { self.path = path }

    func refusal(_ place: String, _ reason: String) -> EstateError { EstateError(path, "\(place): \(reason)") }

    /// - Parameter schema: Which the document must have.
    func document(_ bytes: [UInt8], schema: String) throws(EstateError) -> StrictJSON {
        guard bytes.count <= Self.limit else {
            throw EstateError(path, "it has \(bytes.count) bytes, more than the \(Self.limit) that are read")
        }
        let json: StrictJSON
        do { json = try StrictJSON(bytes, deepest: Self.deepest) } catch {
            let reason =
                switch error.reason {
                case .malformed(let what): what
                case .tooDeep(let most): "it nests deeper than \(most)"
                case .twice(let name): "the name \(name.prefix(64)) stands twice in one object"
                }
            throw refusal("byte \(error.position)", reason)
        }
        guard let found = json["schema"]?.string else {
            throw refusal(
                "schema",
                "it is missing; it is to be "
                    + "\(schema)")
        }
        guard found.utf8.elementsEqual(schema.utf8) else {
            throw refusal("schema", "it is \(found.prefix(64)), and this version reads \(schema)")
        }
        return json
    }

    /// The members of an object, none of any other name.
    func members(
        _ json: StrictJSON?, _ place: String, required: [String], optional: [String] = []
    ) throws(EstateError) -> [String: StrictJSON] {
        var found: [String: StrictJSON] = [:]
        for member in try entries(json, place) {
            guard (required + optional).contains(where: { $0.utf8.elementsEqual(member.name.utf8) }) else {
                throw refusal(place, "nobody here knows \(member.name.prefix(64)); \(Self.known(required + optional))")
            }
            found[member.name] = member.value
        }
        for name in required where found[name] == nil { throw refusal(place, "\(name) is missing") }
        return found
    }

    /// The members of an object with names of any kind.
    func entries(_ json: StrictJSON?, _ place: String) throws(EstateError) -> [StrictJSON.Member] {
        guard case .object(let members)? = json else { throw refusal(place, "it is to be an object") }
        return members
    }

    func text(_ json: StrictJSON?, _ place: String) throws(EstateError) -> String {
        guard let text = json?.string else { throw refusal(place, "it is to be text") }
        return text
    }

    /// - Returns: From 0 to `most`.
    func count(_ json: StrictJSON?, _ place: String, most: Int) throws(EstateError) -> Int {
        guard case .number(let digits)? = json, let count = Int(digits), (0...most).contains(count), digits != "-0"
        else {
            throw refusal(place, "it is to be a whole number from 0 to \(most)")
        }
        return count
    }

    static func known(_ names: [String]) -> String { "known are \(names.joined(separator: ", "))" }
}
