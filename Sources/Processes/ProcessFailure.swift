import Glibc

/// Why a program could not be started, or its end not be told.
package struct ProcessFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The program, by its path or name.
    package let program: String
    /// What was tried: a function of the system.
    package let function: String
    /// `errno`.
    package let code: Int32

    package init(_ program: String, _ function: String, code: Int32 = errno) {
        self.program = program
        self.function = function
        self.code = code
    }

    /// The reason alone, as the end of a sentence.
    package var reason: String { "\(function): \(String(cString: strerror(code)))" }

    package var description: String {
        let remedy = code == ENOENT ? ". Install the package that it comes from" : ""
        return "\(program) could not be started or watched: \(reason)\(remedy)"
    }
}
