import Foundation
import PKCS11

/// What has the lying module say of a token that one more wrong PIN locks it, until its user has logged in.
struct FinalTryWarning {
    private let path: String

    init(_ folder: SoftHSMFolder) { path = folder.configuration + ".final-try" }

    /// - Parameter label: The token's.
    func issue(for label: String) throws { try Data(label.utf8).write(to: URL(filePath: path)) }

    /// Whether nobody has logged in since.
    var isStanding: Bool { FileManager.default.fileExists(atPath: path) }
}
