import AWS
import Foundation

/// What KMS does by itself, which has an event without a request.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/ct-rotatekey.html>,
/// <https://docs.aws.amazon.com/kms/latest/developerguide/ct-deleteexpiredkeymaterial.html>,
/// <https://docs.aws.amazon.com/kms/latest/developerguide/ct-delete-key.html>
enum ServiceEvent: Sendable {
    /// On demand; the call that asked for it has an event of its own. Of multi-Region keys, the primary's alone.
    case rotation(from: String?, to: String?)
    case expiry(material: String)
    case deletion

    static let source = "kms.amazonaws.com"
    static let names = ["DeleteExpiredKeyMaterial", "DeleteKey", "RotateKey"]

    /// - Parameter time: When it happened.
    func record(of key: ManagedKey, at time: Date) -> EventRecord {
        EventRecord(
            id: UUID().uuidString.lowercased(), name: name, source: Self.source, region: key.region,
            account: key.account, time: time, isReadOnly: false, origin: .service(details: details(key)),
            resources: [key.arn])
    }

    private var name: String {
        switch self {
        case .rotation: "RotateKey"
        case .expiry: "DeleteExpiredKeyMaterial"
        case .deletion: "DeleteKey"
        }
    }

    private func details(_ key: ManagedKey) -> JSONValue {
        var members: [String: JSONValue] = ["keyId": .text(key.id)]
        switch self {
        case .rotation(let previous, let current):
            members["rotationType"] = .text("ON_DEMAND")
            members["keyOrigin"] = .text(key.origin.rawValue)
            members["previousKeyMaterialId"] = previous.map { .text($0) }
            members["currentKeyMaterialId"] = current.map { .text($0) }
        case .expiry(let material): members["keyMaterialId"] = .text(material)
        case .deletion: break
        }
        return .object(members)
    }
}
