package import AWS
package import Ceremony
package import CryptoPrimitives
package import Evidence
import Foundation

/// Looks at what the plan binds, as far as this host has it: who calls, which token, which module, which program.
package struct SiteEnvironment: EnvironmentPort {
    /// AWS, where this host reaches it.
    package struct Service: Sendable {
        let access: ResolvedAccess
        let kms: any KMSPort
        let iam: IAMClient?

        /// - Parameter iam: Who simulates policies; nil where there is nobody.
        package init(access: ResolvedAccess, kms: any KMSPort, iam: IAMClient? = nil) {
            self.access = access
            self.kms = kms
            self.iam = iam
        }
    }

    /// The HSM, where this host has it.
    package struct Device: Sendable {
        let hsm: any HSMPort
        let module: @Sendable () async throws -> SHA256Digest

        /// - Parameter module: Tells the SHA-256 of the PKCS#11 library through which the HSM is reached, as it was loaded.
        package init(hsm: any HSMPort, module: @escaping @Sendable () async throws -> SHA256Digest) {
            self.hsm = hsm
            self.module = module
        }
    }

    /// How long a step may take, in seconds.
    private static let step = 900.0

    private let service: Service?
    private let device: Device?
    package let host: String

    /// - Parameters:
    ///   - host: Its name on its side of an air gap; nil for the machine's own.
    ///   - service: Nil on the HSM host of an air gap: nothing of this asks the network there.
    ///   - device: Nil on its connected host.
    package init(host: String? = nil, service: Service?, device: Device?) {
        self.host = host ?? PercentEncoding.encode(ProcessInfo.processInfo.hostName)
        self.service = service
        self.device = device
    }

    package func observe() async throws -> ObservedEnvironment {
        var aws: AWSEnvironment?
        if let service {
            service.access.clockWatch.begin()
            // Whose credentials are asked for must be good for what follows, or others' would take their place.
            var callers: [CallerRole: CallerIdentity] = [:]
            for (role, credentials) in service.access.everyone {
                try await credentials.prepare(at: Date(), for: Self.step)
                callers[role] = CallerIdentity(try await credentials.identified(at: Date()))
            }
            try Self.compareClocks(service: callers[.look]?.time, host: SystemClock().now())
            aws = callers[.look].map { service.access.environment(of: $0, others: service.access.others(callers)) }
        }
        let token = try await device?.hsm.identity()
        return ObservedEnvironment(
            aws: aws, token: token, module: try await device?.module(),
            programs: [try program()])
    }

    package func program() throws -> ProgramDigest {
        ProgramDigest(host: host, program: try SHA256Digest(ofFileAt: "/proc/self/exe"))
    }

    package func prepare() async throws -> [CallerRole: String] {
        guard let access = service?.access else { return [:] }
        var callers: [CallerRole: String] = [:]
        for (role, credentials) in access.everyone {
            try await credentials.prepare(at: Date(), for: Self.step)
            callers[role] = PercentEncoding.encode(try await credentials.caller(at: Date()))
        }
        try Self.requireClock(access.clockWatch)
        return callers
    }

    package func caller(of role: CallerRole) async throws -> String {
        guard let access = service?.access, let credentials = access.credentials(of: role) else {
            throw CeremonyError(
                .environment, "This host has no credentials to \(role.rawValue) with",
                remedy: "Name them in the site's aws.roles, or do it on the connected host")
        }
        let caller = PercentEncoding.encode(try await credentials.caller(at: Date()))
        try Self.requireClock(access.clockWatch)
        return caller
    }

    /// Before a step, and before each effect that a caller is asked for: no answer of this run had another time than this
    /// host. Its clock may have been set in the middle.
    static func requireClock(_ watch: ClockWatch) throws {
        guard let found = watch.difference else { return }
        throw CeremonyError(
            .environment,
            "In the middle of this run this host's clock said \(timestamp(found.host)), and an answer of the service "
                + "\(timestamp(found.service))",
            remedy: "What was done before is on record, and nothing was done since. \(clockRemedy)")
    }

    private static func timestamp(_ date: Date) -> Evidence.Timestamp {
        .init(epochSeconds: Int64(date.timeIntervalSince1970.rounded(.down)))
    }

    private static let clockRemedy =
        "Compare both with a clock that you trust. Set this host's right if it is wrong; if it is not, something else answers "
        + "for the service: check endpoint and proxy. Then run again"

    /// Most permissions were used by the plan, at the plan's own keys; what is left has effects, and is simulated.
    ///
    /// A host without network can try neither that nor its clock, and says so.
    package func examine(_ plan: Plan) async throws -> [RecordedFinding] {
        guard let service else {
            return try [
                Finding(
                    "clock", .warn, "compared with no other: this host has no network",
                    remedy: "Compare this host's clock by hand"),
                Finding(
                    "simulation", .unknown, "this host has no network", remedy: "Have the connected host's doctor look"),
            ].recorded()
        }
        let caller = try await service.kms.callerIdentity()
        var callers = [CallerRole.look: caller.arn]
        for (role, credentials) in service.access.everyone where role != .look {
            callers[role] = try await credentials.caller(at: Date())
        }
        let first = plan.slots.first
        let effects = EffectExamination(
            iam: service.iam, callers: callers, isApart: callers.count > 1, key: first?.alias, arn: first?.key)
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
        guard Double(skew) <= ClockWatch.tolerance else {
            throw CeremonyError(
                .environment, "This host's clock says \(host), the service's says \(service)",
                remedy: clockRemedy)
        }
    }
}
