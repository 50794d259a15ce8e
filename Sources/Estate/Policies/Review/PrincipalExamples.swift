/// Examples of all the principals whom a policy's conditions can tell apart by their ARNs and their accounts.
///
/// Of those who are meant by the same patterns, and by none of the others, there is one: what holds of it by these
/// conditions holds of all of them, and there is nobody who is like none of the examples.
struct PrincipalExamples {
    /// They are more than can be looked at one by one.
    struct TooMany: Error {}

    /// The most principals that are told apart.
    static let most = 5_000

    /// A text that a condition compares the callers' ARNs, or their accounts, with.
    struct Pattern: Hashable {
        enum Form { case plain, ignoringCase, wild, arn }
        let text: String
        let form: Form

        /// Whether it means one text alone.
        var isPlain: Bool { form == .plain || form != .ignoringCase && !PolicyPattern.hasWildcard(text) }
    }

    struct Example: Hashable {
        let account: String
        let arn: String
        /// The patterns for ARNs that mean it.
        let patterns: Set<Pattern>
    }

    /// Everybody's accounts: those that were named, and others as the patterns tell them apart.
    let accounts: [String]
    private let byAccount: [String: [Example]]

    func of(_ account: String) -> [Example] { byAccount[account] ?? [] }

    /// - Parameters:
    ///   - arns: What conditions compare ARNs with.
    ///   - accounts: What they compare accounts with.
    ///   - named: Accounts that are told apart in any case; there are always others, too.
    ///   - most: Of examples.
    init(
        arns: [Pattern], accounts: [Pattern], named: Set<String>, partition: String, most: Int
    ) throws(TooMany) {
        let told = accounts + named.map { Pattern(text: $0, form: .plain) }
        var search = PrincipalSearch(arns: arns, accounts: told, partition: partition)
        self.accounts = Array(named.union(try search.accounts(most))).sorted()
        var byAccount: [String: [Example]] = [:]
        var count = 0
        for account in self.accounts {
            let examples = try search.principals(of: account)
            count += examples.count
            guard count <= most else { throw TooMany() }
            byAccount[account] = examples
        }
        self.byAccount = byAccount
    }
}

/// Looks for principals that patterns tell apart: tries ARNs letter by letter, one of all that go on alike.
private struct PrincipalSearch {
    private typealias TooMany = PrincipalExamples.TooMany
    private typealias Pattern = PrincipalExamples.Pattern
    private typealias Example = PrincipalExamples.Example

    private struct Split {
        let pattern: Pattern
        /// Of the last part of an ARN.
        let number: Int
        let parts: [String]
    }

    private let partition: String
    private var machine = PatternMachine()
    private var byNumber: [Int: Pattern] = [:]
    /// Those that are compared with a whole ARN, and those that are compared part by part.
    private var whole: [Int] = []
    private var split: [Split] = []
    private var accountPatterns: [Int] = []
    /// What was found after the same places before.
    private var known: [[Int]: [(name: String, patterns: Set<Pattern>)]] = [:]
    /// Places that may still be looked at.
    private var patience = 1_500_000

    init(arns: [PrincipalExamples.Pattern], accounts: [PrincipalExamples.Pattern], partition: String) {
        self.partition = partition
        for pattern in Set(arns) {
            let number: Int
            if pattern.form == .arn {
                let parts = pattern.text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(
                    String.init)
                guard parts.count == 6 else { continue }
                number = machine.add(parts[5])
                split.append(Split(pattern: pattern, number: number, parts: parts))
                accountPatterns.append(machine.add(parts[4]))
            } else {
                number = add(pattern)
                whole.append(number)
            }
            byNumber[number] = pattern
        }
        accountPatterns += Set(accounts).map { add($0) }
    }

    private mutating func add(_ pattern: Pattern) -> Int {
        machine.add(pattern.text, isPlain: pattern.form != .wild, ignoresCase: pattern.form == .ignoringCase)
    }

    private mutating func spend(_ places: Int) throws(TooMany) {
        patience -= places + 1
        guard patience > 0 else { throw TooMany() }
    }

    // MARK: Accounts

    private static let services = ["iam", "sts"]

    private func head(_ service: String) -> String { "arn:\(partition):\(service)::" }

    /// One of all the accounts that go on alike, in ARNs and by themselves.
    mutating func accounts(_ most: Int) throws(PrincipalExamples.TooMany) -> [String] {
        let starts = Self.services.map { machine.places(machine.start(whole), after: head($0).utf8) }
        var open: [[[Int]]: String] = [starts + [machine.start(accountPatterns)]: ""]
        for _ in 0..<12 {
            var next: [[[Int]]: String] = [:]
            for (states, account) in open.sorted(by: { $0.value < $1.value }) {
                let letters = states.reduce(into: Set<UInt8>()) { $0.formUnion(machine.letters($1)) }
                for digit in Self.chosen("0123456789", letters) {
                    try spend(states.reduce(0) { $0 + $1.count })
                    let states = states.map { machine.places($0, after: digit) }
                    if next[states] == nil { next[states] = account + String(UnicodeScalar(digit)) }
                }
            }
            open = next
            guard open.count <= most else { throw TooMany() }
        }
        return Array(open.values)
    }

    /// Of an alphabet what is told from all else, and one more that is not.
    private static func chosen(_ alphabet: String, _ letters: Set<UInt8>) -> [UInt8] {
        let other = alphabet.utf8.first { !letters.contains($0) }
        return alphabet.utf8.filter(letters.contains) + (other.map { [$0] } ?? [])
    }

    // MARK: Principals

    /// Who calls for an account: what stands before a name, if they have one. Sessions are called by their role.
    private static let kinds = [
        ("iam", "role/", true), ("iam", "user/", true), ("iam", "root", false), ("sts", "federated-user/", true),
    ]

    mutating func principals(of account: String) throws(PrincipalExamples.TooMany) -> [PrincipalExamples.Example] {
        var all: [Example] = []
        for (service, kind, isNamed) in Self.kinds {
            try spend(split.count + whole.count)
            let head = head(service) + account + ":"
            let parts = head.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            let alike = split.filter { zip($0.parts.prefix(5), parts).allSatisfy(PolicyPattern.matches) }
            let places =
                machine.places(machine.start(whole), after: head.utf8) + machine.start(alike.map(\.number))
            let start = machine.places(places, after: kind.utf8)
            let found = isNamed ? try names(after: start) : [("", patterns(start))]
            all += found.map { Example(account: account, arn: head + kind + $0.0, patterns: $0.1) }
        }
        return all
    }

    private func patterns(_ places: [Int]) -> Set<Pattern> {
        Set(machine.meaning(places).compactMap { byNumber[$0] })
    }

    /// What a name, with its path, is like so far.
    fileprivate enum Ending { case empty, name, other }

    private struct Node: Hashable {
        let places: [Int]
        let ending: Ending
    }

    private static let nameLetters =
        "xyzwvutsrqponmlkjihgfedcbaXYZWVUTSRQPONMLKJIHGFEDCBA0123456789-_.@,=+"
    /// Paths have any; docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    private static let pathLetters = String(decoding: Array(UInt8(0x21)...0x7E), as: UTF8.self)

    private mutating func names(
        after start: [Int]
    ) throws(TooMany) -> [(name: String, patterns: Set<Pattern>)] {
        if let found = known[start] { return found }
        var found: [(name: String, patterns: Set<Pattern>)] = []
        var told: Set<Set<Pattern>> = []
        var seen = Set([Node(places: start, ending: .empty)])
        var queue = seen.map { (node: $0, name: [UInt8]()) }
        var index = 0
        while index < queue.count {
            let (node, name) = queue[index]
            index += 1
            let patterns = patterns(node.places)
            if node.ending == .name, told.insert(patterns).inserted {
                found.append((String(decoding: name, as: UTF8.self), patterns))
            }
            for letter in Self.letters(after: node, machine.letters(node.places)) {
                try spend(node.places.count)
                let next = Node(
                    places: machine.places(node.places, after: letter), ending: node.ending.after(letter))
                if seen.insert(next).inserted { queue.append((next, name + [letter])) }
            }
        }
        known[start] = found
        return found
    }

    fileprivate static func isNameLetter(_ letter: UInt8) -> Bool { nameLetters.utf8.contains(letter) }

    private static func letters(after node: Node, _ letters: Set<UInt8>) -> [UInt8] {
        let other = nameLetters.utf8.first { !letters.contains($0) }
        let slash: [UInt8] = node.ending == .other ? [UInt8(ascii: "/")] : []
        return pathLetters.utf8.filter(letters.contains) + (other.map { [$0] } ?? []) + slash
    }
}

extension PrincipalSearch.Ending {
    fileprivate func after(_ letter: UInt8) -> Self {
        if letter == UInt8(ascii: "/") { return .empty }
        return self != .other && PrincipalSearch.isNameLetter(letter) ? .name : .other
    }
}
