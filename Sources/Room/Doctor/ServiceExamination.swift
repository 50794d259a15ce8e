package import AWS
package import Ceremony
import CryptoPrimitives
import Evidence

/// Tries what a ceremony needs of AWS, as the identity that would hold it.
///
/// Only what harms nothing is called. What would have an effect is simulated where IAM does that, and is never called
/// passed: AWS can neither try nor fully tell whether it is allowed.
package struct ServiceExamination: Sendable {
    private let kms: KeyService
    private let iam: IAMClient?
    private let clock: any ClockPort

    /// - Parameter iam: Who simulates policies; nil where there is nobody.
    package init(kms: KeyService, iam: IAMClient? = nil, clock: any ClockPort) {
        self.kms = kms
        self.iam = iam
        self.clock = clock
    }

    /// - Parameters:
    ///   - key: A key or an alias to try permissions at; nil if none was named.
    ///   - wrappingKeySpec: The size of the wrapping key to ask for, such as `RSA_4096`.
    package func run(key: String?, wrappingKeySpec: String) async -> [Finding] {
        var findings: [Finding] = []
        var caller: CallerIdentity?
        do {
            let found = try await kms.callerIdentity()
            findings.append(Finding("identity", .pass, found.arn))
            findings.append(skew(service: found.time))
            caller = found
        } catch {
            findings.append(
                Finding("identity", .fail, "\(error)", remedy: "Look at the endpoint, the network and the credentials"))
        }
        let permissions = PermissionExamination(kms: kms, key: key, wrappingKeySpec: wrappingKeySpec)
        let (tried, found) = await permissions.run()
        let effects = EffectExamination(iam: iam, caller: caller?.arn, key: key, found: found)
        return await findings + tried + effects.run()
    }

    /// Times in evidence are this host's; AWS refuses what is signed more than five minutes off.
    private func skew(service: Evidence.Timestamp?) -> Finding {
        let check = "clock"
        guard let service else {
            return Finding(check, .unknown, "the service sent no Date", remedy: "Compare this host's clock by hand")
        }
        let seconds = clock.now().epochSeconds - service.epochSeconds
        let detail = "\(abs(seconds)) s \(seconds < 0 ? "behind" : "ahead of") the service"
        let remedy = "Set this host's clock: evidence has its times"
        return switch abs(seconds) {
        case ...5: Finding(check, .pass, detail)
        case ...60: Finding(check, .warn, detail, remedy: remedy)
        default: Finding(check, .fail, detail, remedy: remedy)
        }
    }
}
