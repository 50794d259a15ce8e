/// Where a value stands in a file that a person wrote, so that what is wrong with it is mended there.
///
/// It is no part of what the file says: any two are equal.
package struct InputPlace: Hashable, Sendable, CustomStringConvertible {
    /// Nil for what was not read from a file.
    private let file: String?
    /// The value's path in the file, such as `keys[0].alias`; empty for the file itself.
    private let path: String
    /// `LINE:COLUMN` of each value by its path.
    private let marks: [String: String]

    /// - Parameters:
    ///   - file: Its name, as it was given.
    ///   - marks: `LINE:COLUMN` of each value by its path.
    package init(file: String? = nil, marks: [String: String] = [:]) {
        self.init(file: file, path: "", marks: marks)
    }

    private init(file: String?, path: String, marks: [String: String]) {
        self.file = file
        self.path = path
        self.marks = marks
    }

    /// The place of a value below this one, which need not be there.
    package subscript(key: String) -> InputPlace {
        InputPlace(file: file, path: path.isEmpty ? key : "\(path).\(key)", marks: marks)
    }

    /// `site.yaml:5:13: aws.endpoint`, as far as it is known.
    package var description: String {
        let place = file.map { file in mark.map { "\(file):\($0)" } ?? file }
        return [place, path.isEmpty ? nil : path].compactMap(\.self).joined(separator: ": ")
    }

    /// Says what is wrong with the value.
    package func error(_ what: String, remedy: String) -> CeremonyError {
        let place = description
        return CeremonyError(.invalidInput, place.isEmpty ? what : "\(place): \(what)", remedy: remedy)
    }

    /// Of the value; of what it is missing from, where it is not there.
    private var mark: String? {
        var path = path[...]
        while marks[String(path)] == nil, let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) {
            path = path[..<end]
        }
        return marks[String(path)] ?? marks[""]
    }

    package static func == (_: InputPlace, _: InputPlace) -> Bool { true }

    package func hash(into _: inout Hasher) {}
}
