package import CryptoPrimitives

/// A machine and a program that the plan lacks, with which a ceremony goes on under an exception.
package struct OtherMachine: Codable, Hashable, Sendable {
    /// The machine's host name.
    package let host: String
    /// The SHA-256 of the program's file.
    package let program: SHA256Digest
    /// What was intended before and has no result: it is looked up before it is done again.
    package let unsettled: UnsettledEffect?

    package init(host: String, program: SHA256Digest, unsettled: UnsettledEffect?) {
        self.host = host
        self.program = program
        self.unsettled = unsettled
    }

    package var digest: ProgramDigest { ProgramDigest(host: host, program: program) }
}

extension Event {
    /// Whether it is an exception for another machine or program.
    var namesMachine: Bool {
        if case .exception(let deviation) = self { deviation.machine != nil } else { false }
    }
}
