package import AWS
import Foundation

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html>
extension CreateGrant: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring) async throws -> Output {
        try validate(input)
        var key = try keyring.key(input.keyID, aliases: false)
        try key.requireEnabled()
        guard key.grants.count < Grant.limit else {
            throw KMSFault("LimitExceededException", "The key has \(Grant.limit) grants.")
        }
        guard input.dryRun != true else { throw KMSFault.dryRun }
        let asked = try entry(of: input, for: key, on: keyring)
        let token = try Grant.newToken()
        let id: String
        if let index = key.grants.firstIndex(where: { $0.isAsked(for: asked) }) {
            key.grants[index].tokens.append(token)
            id = key.grants[index].id
        } else {
            key.grants.append(Grant(entry: asked, tokens: [token]))
            id = asked.grantID
        }
        keyring.store(key)
        return Output(grantToken: token, grantID: id)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }

    private static func entry(
        of input: Input, for key: ManagedKey, on keyring: isolated Keyring
    ) throws -> GrantListEntry {
        GrantListEntry(
            keyID: key.arn,
            grantID: try Grant.newID(),
            operations: input.operations,
            name: input.name,
            creationDate: Timestamp(keyring.now),
            granteePrincipal: input.granteePrincipal,
            retiringPrincipal: input.retiringPrincipal,
            issuingAccount: "arn:aws:iam::\(keyring.account):root",
            constraints: input.constraints,
            granteeServicePrincipal: input.granteeServicePrincipal,
            retiringServicePrincipal: input.retiringServicePrincipal)
    }

    private static func validate(_ input: Input) throws {
        guard (input.granteePrincipal == nil) != (input.granteeServicePrincipal == nil) else {
            throw KMSFault.validation("A grant has either a GranteePrincipal or a GranteeServicePrincipal.")
        }
        guard input.retiringPrincipal == nil || input.retiringServicePrincipal == nil else {
            throw KMSFault.validation("RetiringPrincipal and RetiringServicePrincipal exclude one another.")
        }
        for principal in [input.granteePrincipal, input.retiringPrincipal].compactMap(\.self) {
            guard principal.wholeMatch(of: /arn:aws:(iam|sts)::[0-9]{12}:.+/) != nil else {
                throw KMSFault("InvalidArnException", "Invalid arn '\(principal)'")
            }
        }
        guard !input.operations.isEmpty else { throw KMSFault.validation("A grant allows one operation at least.") }
        if let name = input.name, name.count > 256 || name.wholeMatch(of: /[a-zA-Z0-9:\/_\-]+/) == nil {
            throw KMSFault.constraint("Value at 'name'", "satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$")
        }
    }
}
