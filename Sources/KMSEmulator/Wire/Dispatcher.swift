import AWS
import Foundation
import Logging

/// One address for KMS, STS, CloudTrail and the admin path: verifies who asks, and hands on to the one that is asked.
struct Dispatcher: Sendable {
    let keyring: Keyring
    let faults: Faults
    let verifier: SignatureVerifier
    let sessions: RoleSessions
    let recorder: CallRecorder
    let logger: Logger

    func answer(_ request: WireRequest, requestID: String) async -> WireAnswer {
        guard request.callsThisMachine else { return KMSFrontend.answer(refusing: Self.misdirected) }
        if request.head.path == AdminFrontend.path {
            return await AdminFrontend(keyring: keyring, faults: faults, caller: recorder.user).answer(request)
        }
        if let action = STSFrontend.action(of: request) {
            return await answerSTS(request, action: action, requestID: requestID)
        }
        if let operation = CloudTrailFrontend.operation(of: request) {
            return await answerCloudTrail(request, operation: operation)
        }
        return await answerKMS(request, requestID: requestID)
    }

    /// Any name can be made to lead here, by whoever owns it, and a browser then takes its pages' calls here for their
    /// own. Rehearsals sign with a key that everybody knows, and the admin path asks for no signature.
    private static let misdirected = KMSFault(
        "MisdirectedRequestException",
        "The emulator is called by 127.0.0.1, localhost or [::1] alone, and this request's Host is another.",
        status: 421)

    private func answerKMS(_ request: WireRequest, requestID: String) async -> WireAnswer {
        let number = recorder.trail.number()
        do {
            guard request.head.method == "POST", request.head.path == "/",
                let target = request.header("X-Amz-Target"), target.hasPrefix(KMSWire.targetPrefix)
            else { throw KMSFault("UnknownOperationException", "The request names no operation of KMS.") }
            let operation = String(target.dropFirst(KMSWire.targetPrefix.count))
            let signed = try await verify(request, service: KMSWire.service, operation: operation)
            let region = signed.region
            let named = NamedKey(in: request.body)
            let key = await keyring.id(of: named?.identifier, in: region)
            let call = CallRecorder.Call(
                source: ServiceEvent.source, operation: operation, caller: signed.caller, region: region,
                requestID: requestID, request: request, number: number,
                named: await keyring.arns(alias: named?.aliasName, keys: named?.all ?? [], in: region))
            guard await faults.allows(operation, by: signed.caller) else {
                let denied = KMSFault.denied(signed.caller, operation)
                await keyring.record(operation, key: key, error: denied.code, in: region)
                let answer = KMSFrontend.answer(refusing: denied)
                await record(call, answer)
                return answer
            }
            let setter = PolicyLockout.Caller(
                account: signed.caller.account, arn: signed.caller.arn, role: signed.caller.roleARN,
                isLetByIAM: await faults.allows(PutKeyPolicy.name, by: signed.caller))
            let mishap = await mishap(Faults.Call(operation: operation, region: region, key: key))
            return await mishap.befall {
                let answer = await PolicyLockout.$caller.withValue(setter) {
                    await serveKMS(request, operation: operation, region: region, lag: mishap.lag)
                }
                await record(call, answer)
                return answer
            } refuse: {
                KMSFrontend.answer(refusing: $0)
            } record: { error in
                await keyring.record(operation, key: key, error: error, in: region)
                guard let refusal = mishap.refusal, error != Mishap.reset else { return }
                await record(call, KMSFrontend.answer(refusing: refusal))
            }
        } catch {
            return KMSFrontend.answer(refusing: fault(error))
        }
    }

    /// What the service did is on its record, whatever then became of the answer.
    private func record(_ call: CallRecorder.Call, _ answer: WireAnswer) async {
        recorder.record(call, answer: answer, now: await keyring.now)
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
                operation, key: NamedKey(in: request.body)?.identifier, error: answer.failure.map { fault($0).code },
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

    /// Lookups have no events here, so that who looks does not find more each time.
    private func answerCloudTrail(_ request: WireRequest, operation: String) async -> WireAnswer {
        defer { recorder.trail.countCall() }
        do {
            let region = try await verify(request, service: CloudTrailWire.service, operation: operation).region
            let mishap = await mishap(Faults.Call(operation: operation, region: region, key: nil))
            return await mishap.befall {
                await serveCloudTrail(request, operation: operation, region: region)
            } refuse: {
                KMSFrontend.answer(refusing: $0)
            } record: {
                await keyring.record(operation, key: nil, error: $0, in: region)
            }
        } catch {
            return KMSFrontend.answer(refusing: fault(error))
        }
    }

    private func serveCloudTrail(_ request: WireRequest, operation: String, region: String) async -> WireAnswer {
        let frontend = CloudTrailFrontend(keyring: keyring, faults: faults)
        let answer = await Result(of: { try await frontend.answer(request, operation: operation, region: region) })
        await keyring.record(operation, key: nil, error: answer.failure.map { fault($0).code }, in: region)
        do { return try answer.get() } catch {
            return KMSFrontend.answer(refusing: fault(error))
        }
    }

    private func answerSTS(_ request: WireRequest, action: String, requestID: String) async -> WireAnswer {
        do {
            let signed = try await verify(request, service: STSFrontend.service, operation: action)
            let call = CallRecorder.Call(
                source: STSFrontend.source, operation: action, caller: signed.caller, region: signed.region,
                requestID: requestID, request: request, number: recorder.trail.number())
            let mishap = await mishap(Faults.Call(operation: action, region: signed.region, key: nil))
            return await mishap.befall {
                let answer = await serveSTS(request, action: action, caller: signed.caller, requestID: requestID)
                if answer.status == 200 { await record(call, answer) }
                return answer
            } refuse: {
                STSFrontend.answer(refusing: $0, requestID: requestID)
            } record: {
                await keyring.record(action, key: nil, error: $0)
            }
        } catch {
            return STSFrontend.answer(refusing: fault(error), requestID: requestID)
        }
    }

    private func serveSTS(
        _ request: WireRequest, action: String, caller: TrailCaller, requestID: String
    ) async -> WireAnswer {
        let now = await keyring.now
        let frontend = STSFrontend(caller: caller, sessions: sessions)
        let answer = Result(catching: { try frontend.answer(request, requestID: requestID, now: now) })
        await keyring.record(action, key: nil, error: answer.failure.map { fault($0).code })
        do { return try answer.get() } catch {
            return STSFrontend.answer(refusing: fault(error), requestID: requestID)
        }
    }

    private func verify(
        _ request: WireRequest, service: String, operation: String
    ) async throws -> SignatureVerifier.Signed {
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
