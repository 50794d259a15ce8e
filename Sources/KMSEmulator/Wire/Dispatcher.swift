import AWS
import Foundation
import Logging

/// One address for KMS, STS and the admin path: verifies who asks, and hands on to the one that is asked.
struct Dispatcher: Sendable {
    let keyring: Keyring
    let faults: Faults
    let verifier: SignatureVerifier
    let identity: GetCallerIdentity.Output
    let logger: Logger

    func answer(_ request: WireRequest, requestID: String) async -> WireAnswer {
        guard request.callsThisMachine else { return KMSFrontend.answer(refusing: Self.misdirected) }
        if request.head.path == AdminFrontend.path {
            return await AdminFrontend(keyring: keyring, faults: faults).answer(request)
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
            let key = await keyring.id(of: NamedKey.identifier(in: request.body), in: region)
            let mishap = await mishap(Faults.Call(operation: operation, region: region, key: key))
            return await mishap.befall {
                await serveKMS(request, operation: operation, region: region, lag: mishap.lag)
            } refuse: {
                KMSFrontend.answer(refusing: $0)
            } record: {
                await keyring.record(operation, key: key, error: $0, in: region)
            }
        } catch {
            return KMSFrontend.answer(refusing: fault(error))
        }
    }

    private func serveKMS(_ request: WireRequest, operation: String, region: String, lag: Lag?) async -> WireAnswer {
        do {
            guard let lag else {
                return try await KMSFrontend(keyring: keyring).answer(request, operation: operation, region: region)
            }
            // A keyring of its own, whose record of calls goes with it.
            let past = KMSFrontend(keyring: await keyring.past(lag))
            let answer = await Result(of: { try await past.answer(request, operation: operation, region: region) })
            await keyring.record(
                operation, key: NamedKey.identifier(in: request.body), error: answer.failure.map { fault($0).code },
                in: region)
            return try answer.get()
        } catch {
            return KMSFrontend.answer(refusing: fault(error))
        }
    }

    private func mishap(_ call: Faults.Call) async -> Mishap {
        await faults.befalling(call, now: await keyring.now) { [keyring] in
            await keyring.id(of: $0, in: call.region)
        }
    }

    private func answerSTS(_ request: WireRequest, action: String, requestID: String) async -> WireAnswer {
        do {
            let region = try await verify(request, service: STSFrontend.service, operation: action)
            let mishap = await mishap(Faults.Call(operation: action, region: region, key: nil))
            return await mishap.befall {
                await serveSTS(request, action: action, requestID: requestID)
            } refuse: {
                STSFrontend.answer(refusing: $0, requestID: requestID)
            } record: {
                await keyring.record(action, key: nil, error: $0)
            }
        } catch {
            return STSFrontend.answer(refusing: fault(error), requestID: requestID)
        }
    }

    private func serveSTS(_ request: WireRequest, action: String, requestID: String) async -> WireAnswer {
        let answer = Result(catching: { try STSFrontend(identity: identity).answer(request, requestID: requestID) })
        await keyring.record(action, key: nil, error: answer.failure.map { fault($0).code })
        do { return try answer.get() } catch {
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

extension Result where Failure == any Error {
    fileprivate init(of body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }

    fileprivate var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}
