import Glibc

/// Why a program could not be started, or its end not be told.
package struct ProcessFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The program, by its path or name.
    package let program: String
    /// What was tried before its start: a function of the system; nil where it was the start itself.
    package let function: String?
    /// `errno`.
    package let code: Int32

    package init(_ program: String, _ function: String? = nil, code: Int32 = errno) {
        self.program = program
        self.function = function
        self.code = code
    }

    /// The reason alone, as the end of a sentence.
    package var reason: String { (function.map { "\($0): " } ?? "") + String(cString: strerror(code)) }

    package var description: String {
        let remedy = code == ENOENT ? ". Install the package that it is from; setpriv is of util-linux" : ""
        return "\(program) could not be started or watched: \(reason)\(remedy)"
    }
}
