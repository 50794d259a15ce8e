/// One thing of a statement that matters by itself: people say of each whether it is right, before they sign anything.
package struct StatementThing: Hashable, Sendable {
    /// What it is: `Key 2 of 3`.
    package let title: String
    package let question: String
    package private(set) var items: [StatementText.Item]

    /// Lists that are longer are asked about as a whole: who answers the same question a hundred times reads none of it.
    package static let mostAskedOneByOne = 8

    /// All of a statement, each field in one of them.
    ///
    /// - Parameter bytes: The statement, canonical JSON.
    /// - Throws: `StatementNotShown`, as `StatementText.read`.
    package static func all(of bytes: [UInt8]) throws -> [StatementThing] {
        // What is signed stands above the first section, and is asked about with it.
        var preface: [StatementText.Item] = []
        var sections: [[StatementThing]] = []
        var each: String?
        var elementDepth: Int?
        for item in try StatementText.read(bytes) {
            if case .section(let title, let question, let elementQuestion) = item {
                sections.append([StatementThing(title: title, question: question, items: preface + [item])])
                (preface, each, elementDepth) = ([], elementQuestion, nil)
                continue
            }
            guard let section = sections.indices.last else {
                preface.append(item)
                continue
            }
            if let depth = elementDepth, item.depth <= depth { elementDepth = nil }
            if case .element(let label, let number, let count, let depth) = item, elementDepth == nil, let each,
                count <= mostAskedOneByOne
            {
                elementDepth = depth
                let title = "\(label) \(number) of \(count)"
                sections[section].append(StatementThing(title: title, question: each, items: []))
            }
            sections[section][elementDepth == nil ? 0 : sections[section].count - 1].items.append(item)
        }
        return sections.flatMap(\.self)
    }

    /// The same as paragraphs of a screen.
    package var paragraphs: [Paragraph] { StatementText.paragraphs(items) }
}

extension StatementText.Item {
    /// How far it stands from the margin; what stands deeper belongs to it.
    fileprivate var depth: Int {
        switch self {
        case .section: 0
        case .heading(_, let depth), .element(_, _, _, let depth), .field(_, _, _, let depth),
            .document(_, _, _, let depth):
            depth
        // Of what stands above them.
        case .words, .asWritten: .max
        }
    }
}
