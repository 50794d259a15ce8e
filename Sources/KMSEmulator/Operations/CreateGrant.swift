package import AWS
import Foundation

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html>
extension CreateGrant: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring, in region: String) async throws -> Output {
        try validate(input)
        var key = try keyring.key(input.keyID, in: region, aliases: false)
        try key.requireEnabled()
        try key.require(grantTokens: input.grantTokens)
        try requireMeaningful(input, for: key)
        guard key.grants.count < Grant.limit else {
            throw KMSFault("LimitExceededException", "\(key.arn) has \(Grant.limit) grants.")
        }
        try KMSFault.refuse(dryRun: input.dryRun)
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

    /// A grant for what the key cannot do is refused
    /// (docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations).
    private static func requireMeaningful(_ input: Input, for key: ManagedKey) throws {
        let meant: [GrantOperation] =
            switch key.usage {
            case .encryptDecrypt where key.type == .symmetric:
                [
                    .encrypt, .decrypt, .generateDataKey, .generateDataKeyWithoutPlaintext, .generateDataKeyPair,
                    .generateDataKeyPairWithoutPlaintext, .reEncryptFrom, .reEncryptTo,
                ]
            case .encryptDecrypt: [.encrypt, .decrypt, .reEncryptFrom, .reEncryptTo, .getPublicKey]
            case .signVerify: [.sign, .verify, .getPublicKey]
            default: [.generateMac, .verifyMac]
            }
        for operation in input.operations
        where !(meant + [.createGrant, .describeKey, .retireGrant]).contains(operation) {
            throw KMSFault.validation("Grant operation \(operation) is not valid for \(key.spec) and \(key.usage).")
        }
        guard input.constraints == nil || key.type == .symmetric else {
            throw KMSFault.validation("Encryption context constraints are for symmetric encryption keys only.")
        }
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
