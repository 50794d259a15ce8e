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
        var callers: [CallerRole: String] = [:]
        for role in kms.roles {
            let check = role == .look ? "identity" : "identity: \(role.rawValue)"
            do {
                let found = try await kms.callerIdentity(of: role)
                findings.append(Finding(check, .pass, found.arn))
                if role == .look { findings.append(Finding.ofClock(service: found.time, host: clock.now())) }
                callers[role] = found.arn
            } catch {
                findings.append(
                    Finding(check, .fail, "\(error)", remedy: "Look at the endpoint, the network and the credentials"))
            }
        }
        let permissions = PermissionExamination(kms: kms, key: key, wrappingKeySpec: wrappingKeySpec)
        let (tried, found) = await permissions.run()
        let effects = EffectExamination(
            iam: iam, callers: callers, isApart: kms.roles.count > 1, key: key, arn: found?.arn)
        return await findings + tried + effects.run()
    }
}
