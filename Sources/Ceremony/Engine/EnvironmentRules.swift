package import Evidence

/// Holds what a run sees around it to what the plan binds.
package enum EnvironmentRules {
    /// - Parameter beside: The machines and programs that are taken beside the plan's.
    /// - Throws: `CeremonyError` naming every difference.
    package static func check(
        _ observed: ObservedEnvironment, against planned: CeremonyEnvironment, beside: [ProgramDigest] = []
    ) throws {
        var differences: [String] = []
        func compare<T: Equatable>(_ what: String, _ planned: T, _ observed: T) {
            if planned != observed { differences.append("\(what) is \(observed), planned was \(planned)") }
        }
        if let aws = observed.aws {
            compare("the AWS account", planned.aws.account, aws.account)
            compare("the caller", planned.aws.caller, aws.caller)
            for role in CallerRole.allCases where role != .look {
                let (then, now) = (planned.aws, aws)
                guard then.callers != nil || now.callers != nil else { break }
                compare(
                    "the caller in the role \(role.rawValue)", then.caller(of: role) ?? "nobody",
                    now.caller(of: role) ?? "nobody")
            }
            compare("the partition", planned.aws.partition, aws.partition)
            compare("the Region", planned.aws.region, aws.region)
            compare("the KMS endpoint", planned.aws.endpoint, aws.endpoint)
            compare("the STS endpoint", planned.aws.stsEndpoint, aws.stsEndpoint)
            compare("the set of certificate authorities", planned.aws.authorities, aws.authorities)
            compare("the proxy", planned.aws.proxy, aws.proxy)
        }
        if let token = observed.token {
            compare("the token's serial", planned.token.serial, token.serial)
            compare("the token's model", planned.token.model, token.model)
            compare("the token's label", planned.token.label, token.label)
            compare("the token's manufacturer", planned.token.manufacturer, token.manufacturer)
        }
        if let module = observed.module { compare("the PKCS#11 module's SHA-256", planned.module, module) }
        for program in observed.programs where !(planned.programs + beside).contains(program) {
            let known = planned.programs.map { "\($0.program) on \($0.host)" }.joined(separator: ", ")
            differences.append(
                "the program on \(program.host) has the SHA-256 \(program.program), which the plan lacks: it has \(known)"
            )
        }
        guard differences.isEmpty else {
            throw CeremonyError(
                .environment, "These surroundings are not the plan's: " + differences.joined(separator: "; "),
                remedy: remedy(observed.programs.filter { !beside.contains($0) }, planned))
        }
    }

    /// - Parameters:
    ///   - caller: Whose the credentials are by now.
    ///   - role: What is called with them.
    /// - Throws: `CeremonyError` when that is not whom the plan names.
    static func require(_ caller: String, as role: CallerRole, of planned: CeremonyEnvironment) throws {
        let aws = planned.aws
        guard caller == aws.caller(of: role) else {
            let whose = aws.callers == nil ? "The credentials" : "The credentials of the role \(role.rawValue)"
            throw CeremonyError(
                .environment,
                "\(whose) were renewed and are those of \(caller) now; the plan's caller is \(aws.caller(of: role) ?? "nobody")",
                remedy: "Nothing was done with them. Log in as the plan's caller, then run again")
        }
    }

    /// Of two hosts across an air gap the plan has the keys, too: another machine goes on only in the place of the first, by
    /// its name, and with the same build.
    private static func remedy(_ programs: [ProgramDigest], _ planned: CeremonyEnvironment) -> String {
        let restore = "Restore what the plan names, or freeze a new plan"
        guard programs.contains(where: { !planned.programs.contains($0) }) else { return restore }
        return
            "\(restore). Across an air gap no exception takes another machine or program: one goes on in place of "
            + "\(planned.programs.map(\.host).joined(separator: " or ")) under that name, with its key, and with that very "
            + "program"
    }
}
