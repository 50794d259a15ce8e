import CryptoPrimitives
import Glibc

/// A process's environment: text as text, secrets from the environment straight into locked memory.
package struct EnvironmentVariables: Sendable {
    /// A variable's value as the environment has it, or nil.
    package typealias Lookup = @Sendable (_ name: String) -> UnsafePointer<CChar>?

    private let lookup: Lookup

    /// - Parameter lookup: Where variables are read; by default from this process's environment.
    package init(lookup: @escaping Lookup = { UnsafePointer(getenv($0)) }) {
        self.lookup = lookup
    }

    /// A variable's text; nil when it is empty or not set.
    package func text(_ name: String) -> String? {
        guard let value = lookup(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// Whether a variable is set, to nothing even.
    func isSet(_ name: String) -> Bool { lookup(name) != nil }

    /// A secret; nil when it is empty or not set. The environment keeps its copy.
    ///
    /// - Throws: `CryptoError` when memory cannot be locked.
    func secret(_ name: String) throws -> SecretBytes? {
        guard let value = lookup(name), value.pointee != 0 else { return nil }
        return try SecretBytes(copying: UnsafeRawBufferPointer(start: value, count: strlen(value)))
    }
}
