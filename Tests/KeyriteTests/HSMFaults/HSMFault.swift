import Foundation
import PKCS11

/// Has the lying module fail once, in one function, or say another thing of a token: by files beside SoftHSM's
/// configuration.
struct HSMFault {
    /// When the function fails.
    enum When: String {
        case before, after, half
    }

    /// The module's lie.
    static let lie = "fails-on-demand/kept"
    private let configuration: String

    init(_ folder: SoftHSMFolder) { configuration = folder.configuration }

    private var file: String { configuration + ".fault" }

    /// - Parameter code: What the function answers.
    func strike(_ function: String, _ code: UInt, _ when: When) throws {
        try write("\(function) \(String(code, radix: 16)) \(when.rawValue)", to: file)
    }

    /// Whether nothing has failed since.
    var isAwaited: Bool { FileManager.default.fileExists(atPath: file) }

    /// How many logins were tried since the last time that this was asked.
    func logins() -> Int {
        let log = configuration + ".logins"
        defer { try? FileManager.default.removeItem(atPath: log) }
        return FileManager.default.contents(atPath: log)?.count ?? 0
    }

    /// Has the module say of a token that its PIN is locked.
    func lock(_ label: String) throws { try write(label, to: configuration + ".locked") }

    /// Has the module say of a token that it is of another model.
    func changeModel(of label: String) throws { try write(label, to: configuration + ".other-model") }

    /// Has the module answer, when it is asked what a token is, with a code alone.
    func hide(_ label: String, _ code: UInt) throws {
        try write(label, to: configuration + ".unread")
        try write(String(code, radix: 16), to: configuration + ".unread-code")
    }

    /// Has the module answer with a code when it is asked for its slots.
    func hideSlots(_ code: UInt) throws { try write(String(code, radix: 16), to: configuration + ".unlisted-code") }

    /// Has the module say of every token what is true.
    func tellTruth() throws {
        for name in [".locked", ".other-model", ".unread", ".unread-code", ".unlisted-code"]
        where FileManager.default.fileExists(atPath: configuration + name) {
            try FileManager.default.removeItem(atPath: configuration + name)
        }
    }

    private func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }
}
