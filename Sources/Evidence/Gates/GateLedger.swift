package import CryptoPrimitives

/// Which gates stand open, which were passed, and by whom: what the transcript says of them so far.
package struct GateLedger: Sendable {
    /// An attempt that waits for people.
    package struct Attempt: Sendable {
        package let statement: Statement
        package let digest: SHA256Digest
        /// The approvals recorded so far, in the order of the transcript.
        package fileprivate(set) var approvals: [CountedApproval] = []
    }

    /// A gate that a quorum passed.
    package struct Passed: Sendable {
        package let statement: Statement
        package let digest: SHA256Digest
        /// Whose approvals were counted.
        package let counted: [String]
    }

    package private(set) var open: Attempt?
    package private(set) var passed: [Passed] = []
    package private(set) var decisions: [EarlierDecision] = []
    /// Every attempt that was opened, in the order of the transcript, without what was signed.
    package private(set) var asked: [Attempt] = []
    /// What was signed last at gates that are signed again since another machine went on, or the change of an alias was abandoned,
    /// until they are passed.
    package private(set) var takenBack: [Gate: Statement] = [:]
    private var attempts: [Gate: Int] = [:]
    private var everCounted: [Gate: [String]] = [:]

    package init() {}

    package func statement(of gate: Gate) -> Statement? {
        passed.first { $0.statement.gate == gate }?.statement
    }

    package func isPassed(_ gate: Gate) -> Bool {
        statement(of: gate) != nil
    }

    /// The number that the next attempt at a gate gets.
    package func nextAttempt(at gate: Gate) -> Int {
        (attempts[gate] ?? 0) + 1
    }

    package var earlier: [EarlierGate] {
        passed.map { EarlierGate(gate: $0.statement.gate, attempt: $0.statement.attempt, statement: $0.digest) }
    }

    /// Whose approvals were counted when a gate was passed.
    ///
    /// A release that was taken back afterwards was signed all the same.
    func counted(at gate: Gate) -> [String] { everCounted[gate] ?? [] }

    mutating func begin(_ statement: Statement, digest: SHA256Digest) {
        attempts[statement.gate] = statement.attempt
        let attempt = Attempt(statement: statement, digest: digest)
        asked.append(attempt)
        open = attempt
    }

    /// What somebody decided on: the open attempt, or one that is over, which can still be refused, so that nobody's refusal is
    /// lost to one that came before it, or to what voided the attempt.
    func attempt(decidedBy recorded: RecordedApproval) -> Attempt? {
        func isIt(_ attempt: Attempt) -> Bool {
            attempt.statement.gate == recorded.gate && attempt.statement.attempt == recorded.attempt
        }
        if let open, isIt(open) { return open }
        return recorded.decision == .refuse ? asked.last(where: isIt) : nil
    }

    /// Whether somebody's decision on an attempt is on record.
    package func isDecided(_ gate: Gate, _ attempt: Int, by name: String) -> Bool {
        decisions.contains { $0.gate == gate && $0.attempt == attempt && $0.name == name }
    }

    mutating func add(_ recorded: RecordedApproval) {
        decisions.append(
            EarlierDecision(
                gate: recorded.gate, attempt: recorded.attempt, name: recorded.name, decision: recorded.decision,
                approval: recorded.approval))
        switch recorded.decision {
        case .approve:
            open?.approvals.append(
                CountedApproval(name: recorded.name, approval: recorded.approval, signature: recorded.signature))
        case .refuse:
            open = nil
        }
    }

    mutating func pass() {
        guard let attempt = open else { return }
        passed.append(
            Passed(statement: attempt.statement, digest: attempt.digest, counted: attempt.approvals.map(\.name)))
        everCounted[attempt.statement.gate, default: []] += attempt.approvals.map(\.name)
        takenBack[attempt.statement.gate] = nil
        open = nil
    }

    /// An effect, or a changed environment: what was signed no longer says what is.
    mutating func void() {
        open = nil
    }

    /// A release whose wrapping keys were fetched anew allows nothing any more, nor one of which an import was abandoned, or an
    /// activation of which a deletion was.
    mutating func revoke(_ gate: Gate) {
        passed.removeAll { $0.statement.gate == gate }
    }

    /// What people signed for another machine or program to do is signed again; so is an activation of which a part is done, or may be.
    mutating func takeBack(where isWanted: (Gate) -> Bool) {
        for statement in passed.map(\.statement) where isWanted(statement.gate) {
            takenBack[statement.gate] = statement
        }
        passed.removeAll { isWanted($0.statement.gate) }
    }
}
