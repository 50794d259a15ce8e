package import AWS
package import Ceremony
import CryptoPrimitives
package import Evidence
import Foundation

/// Looks at what the plan binds: who calls, which token, which module, which program.
package struct SiteEnvironment: EnvironmentPort {
    private let access: ResolvedAccess
    private let kms: any KMSPort
    private let iam: IAMClient?
    private let hsm: any HSMPort
    private let moduleFile: String

    /// - Parameters:
    ///   - iam: Who simulates policies; nil where there is nobody.
    ///   - moduleFile: The PKCS#11 library through which the HSM is reached.
    package init(
        access: ResolvedAccess, kms: any KMSPort, iam: IAMClient? = nil, hsm: any HSMPort, moduleFile: String
    ) {
        self.access = access
        self.kms = kms
        self.iam = iam
        self.hsm = hsm
        self.moduleFile = moduleFile
    }

    package var host: String {
        PercentEncoding.encode(ProcessInfo.processInfo.hostName)
    }

    package func observe() async throws -> ObservedEnvironment {
        let caller = try await kms.callerIdentity()
        try Self.compareClocks(service: caller.time, host: SystemClock().now())
        return ObservedEnvironment(
            aws: access.environment(of: caller), token: try await hsm.identity(), module: try Self.digest(moduleFile),
            programs: [ProgramDigest(host: host, program: try Self.digest("/proc/self/exe"))])
    }

    /// Most permissions were used by the plan, at the plan's own keys; what is left has effects, and is simulated.
    package func examine(_ plan: Plan) async throws -> [RecordedFinding] {
        let caller = try await kms.callerIdentity()
        let first = plan.slots.first
        let effects = EffectExamination(iam: iam, caller: caller.arn, key: first?.alias, arn: first?.key)
        let clock = Finding.ofClock(service: caller.time, host: SystemClock().now())
        return try await ([clock] + effects.run()).recorded()
    }

    /// Times in evidence are this host's: they must be those of the service, to five minutes.
    static func compareClocks(service: Evidence.Timestamp?, host: Evidence.Timestamp) throws {
        guard let service else {
            throw CeremonyError(
                .environment, "The service did not say what time it is", remedy: "Check the endpoint; run again")
        }
        let skew = abs(service.epochSeconds - host.epochSeconds)
        guard skew <= 300 else {
            throw CeremonyError(
                .environment, "This host's clock says \(host), the service's says \(service)",
                remedy: "Compare both with a clock that you trust. Set this host's right if it is wrong; if it is not, "
                    + "something else answers for the service: check endpoint and proxy. Then run again")
        }
    }

    /// The SHA-256 of a file. `/proc/self/exe` is the program that runs, whatever lies at its path by now.
    static func digest(_ path: String) throws -> SHA256Digest {
        SHA256Digest(of: [UInt8](try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)))
    }
}
