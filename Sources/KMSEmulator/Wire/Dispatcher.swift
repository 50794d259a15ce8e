import AWS
import Foundation
import Logging

/// One address for KMS, STS and the admin path: verifies who asks, and hands on to the one that is asked.
struct Dispatcher: Sendable {
    let keyring: Keyring
    let verifier: SignatureVerifier
    let identity: GetCallerIdentity.Output
    let logger: Logger

    func answer(_ request: WireRequest, requestID: String) async -> WireAnswer {
        guard request.callsThisMachine else { return KMSFrontend.answer(refusing: Self.misdirected) }
        if request.head.path == AdminFrontend.path {
            return await AdminFrontend(keyring: keyring).answer(request)
        }
        if let action = STSFrontend.action(of: request) {
            return await answerSTS(request, action: action, requestID: requestID)
        }
        return await answerKMS(request)
    }

    /// Any name can be made to lead here, by whoever owns it, and a browser then takes its pages' calls here for their
    /// own. Rehearsals sign with a key that everybody knows, and the admin path asks for no signature.
    private static let misdirected = KMSFault(
        "MisdirectedRequestException",
        "The emulator is called by 127.0.0.1, localhost or [::1] alone, and this request's Host is another.",
        status: 421)

    private func answerKMS(_ request: WireRequest) async -> WireAnswer {
        do {
            guard request.head.method == "POST", request.head.path == "/",
                let target = request.header("X-Amz-Target"), target.hasPrefix(KMSWire.targetPrefix)
            else { throw KMSFault("UnknownOperationException", "The request names no operation of KMS.") }
            let operation = String(target.dropFirst(KMSWire.targetPrefix.count))
            let region = try await verify(request, service: KMSWire.service, operation: operation)
            return try await KMSFrontend(keyring: keyring).answer(request, operation: operation, region: region)
        } catch {
            return KMSFrontend.answer(refusing: fault(error))
        }
    }

    private func answerSTS(_ request: WireRequest, action: String, requestID: String) async -> WireAnswer {
        do {
            _ = try await verify(request, service: STSFrontend.service, operation: action)
            let answer = Result { try STSFrontend(identity: identity).answer(request, requestID: requestID) }
            await keyring.record(action, key: nil, error: answer.failure.map { fault($0).code })
            return try answer.get()
        } catch {
            return STSFrontend.answer(refusing: fault(error), requestID: requestID)
        }
    }

    /// - Returns: The Region that the request was signed for.
    private func verify(_ request: WireRequest, service: String, operation: String) async throws -> String {
        do {
            return try verifier.verify(request, service: service, now: await keyring.now)
        } catch {
            await keyring.record(operation, key: nil, error: fault(error).code)
            throw error
        }
    }

    /// What the client is told; what only the emulator's keeper can mend goes to the log.
    private func fault(_ error: any Error) -> KMSFault {
        if let fault = error as? KMSFault { return fault }
        logger.error("The emulator failed inside", metadata: ["error": "\(error)"])
        return .internal
    }
}

extension Result {
    fileprivate var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}
