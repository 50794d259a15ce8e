import CryptoPrimitives

/// An approval that lies in the folder and is not on record: it came too late to count.
package struct LateApproval: Hashable, Sendable {
    /// What was approved.
    package let statement: Statement
    package let name: String
}

extension Record {
    /// What was signed at the gates and is not on record, in the order of its files. A close seals it with everything else: so it
    /// may be nothing but approvals of the statements that were opened.
    ///
    /// - Throws: `EvidenceError` naming the first file under `approvals/` that is no such thing, or a refusal.
    package func lateApprovals(in folder: some EvidenceFolder) throws -> [LateApproval] {
        let recorded = Set(gates.decisions.map { Approval.path($0.gate, $0.attempt, $0.name) })
        let files = Set(try folder.files().filter { $0.hasPrefix("approvals/") })
        let paths = Set(files.map { $0.hasSuffix(".sig") ? String($0.dropLast(4)) : $0 }).subtracting(recorded)
        return try paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { path in
            guard files.contains(path) else { throw EvidenceError(path + ".sig", "what it signs is missing") }
            guard files.contains(path + ".sig") else { throw EvidenceError(path, "nobody signed it") }
            return try lateApproval(path, in: folder)
        }
    }

    private func lateApproval(_ path: String, in folder: some EvidenceFolder) throws -> LateApproval {
        let names = path.split(separator: "/").map(String.init)
        guard names.count == 3,
            let attempt = gates.asked.last(where: {
                "\($0.statement.gate.rawValue)-\($0.statement.attempt)" == names[1]
            })
        else { throw EvidenceError(path, "a ceremony has no such file") }
        let (bytes, signature) = (try folder.read(path), try folder.read(path + ".sig"))
        let approval: Approval
        do {
            // It counts for nothing: so it need not have been made before a time, nor by somebody who could count.
            approval = try Approval.check(
                bytes, signature: signature, statement: attempt.statement, digest: attempt.digest, roster: roster,
                now: (try? CanonicalJSON.decode(Approval.self, from: bytes))?.at ?? attempt.statement.validity.from)
        } catch { throw EvidenceError(path, error.what) }
        guard names[2] == approval.name + ".json" else {
            throw EvidenceError(path, "it is \(approval.name)'s, under another name")
        }
        guard approval.decision == .approve else {
            throw EvidenceError(
                path, "\(approval.name) refused, and that is not on record",
                remedy: "Check the clock here and where it was made, then run again: it is put on record")
        }
        return LateApproval(statement: attempt.statement, name: approval.name)
    }
}
