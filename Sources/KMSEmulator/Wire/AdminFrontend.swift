import AWS
import CryptoPrimitives
import Foundation

/// The one path beside AWS's: what a rehearsal and its tests need and AWS does not offer. Not signed; loopback only.
struct AdminFrontend: Sendable {
    static let path = "/_keyrite/admin"
    private static let contentType = "application/json"

    let keyring: Keyring
    let faults: Faults
    let caller: TrailCaller

    private struct Material: Encodable { let materialHex: String }
    private struct Calls: Encodable {
        let calls: [ServedCall]
        let forgotten: Int
    }
    private struct Forged: Encodable {
        let eventId: String
        let requestId: String?
    }
    private struct Done: Encodable {}
    private struct Refusal: Encodable { let error: String }

    func answer(_ request: WireRequest) async -> WireAnswer {
        // A browser's page cannot send this type to us without asking first, and we do not answer such questions.
        guard request.head.method == "POST", request.mediaType == Self.contentType else {
            return Self.answer(400, Refusal(error: "The admin path takes POST with \(Self.contentType)."))
        }
        do {
            return try await perform(JSONDecoder().decode(AdminRequest.self, from: Data(request.body)))
        } catch let fault as KMSFault {
            return Self.answer(400, Refusal(error: fault.description))
        } catch let error as StateError {
            return Self.answer(500, Refusal(error: error.description))
        } catch let error as DecodingError {
            return Self.answer(
                400, Refusal(error: "The request is not one of the admin path: \(StrictJSONError(error))"))
        } catch {
            return Self.answer(400, Refusal(error: "The request is not one of the admin path: \(error)"))
        }
    }

    private func perform(_ request: AdminRequest) async throws -> WireAnswer {
        switch request {
        case .seedExternalKey(let seed):
            return Self.answer(200, try await keyring.seedExternalKey(seed))
        case .exportMaterial(let keyARN, let materialID):
            let secret = try await keyring.exportMaterial(key: keyARN, materialID: materialID)
            return Self.answer(200, Material(materialHex: secret.withUnsafeBytes { Hex.encode($0) }))
        case .setClockOffset(let seconds):
            try await keyring.setClockOffset(seconds: seconds)
            return Self.answer(200, Done())
        case .setFaults(let plan):
            try await keyring.prepare(for: plan)
            await faults.set(plan)
            return Self.answer(200, Done())
        case .calls:
            let log = await keyring.log
            return Self.answer(200, Calls(calls: log.calls, forgotten: log.forgotten))
        case .forgeEvent(let forged):
            let (eventID, requestID) = try await keyring.forge(forged, by: caller)
            return Self.answer(200, Forged(eventId: eventID, requestId: requestID))
        }
    }

    private static func answer(_ status: Int, _ value: some Encodable) -> WireAnswer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = (try? encoder.encode(value)) ?? Data()
        return WireAnswer(status: status, contentType: contentType, body: [UInt8](body))
    }
}
