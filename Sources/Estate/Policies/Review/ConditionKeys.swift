/// Which condition keys there are, as far as a key policy's review knows them.
///
/// docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html,
/// docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
enum ConditionKeys {
    private static let known: Set = [
        "kms:bypasspolicylockoutsafetycheck", "kms:calleraccount", "kms:customermasterkeyspec",
        "kms:customermasterkeyusage", "kms:datakeypairspec", "kms:encryptionalgorithm", "kms:encryptioncontextkeys",
        "kms:expirationmodel", "kms:grantconstraintsourcearn", "kms:grantconstrainttype", "kms:granteeprincipal",
        "kms:granteeserviceprincipal", "kms:grantisforawsresource", "kms:grantoperations", "kms:keyagreementalgorithm",
        "kms:keyorigin", "kms:keyspec", "kms:keyusage", "kms:macalgorithm", "kms:messagetype", "kms:multiregion",
        "kms:multiregionkeytype", "kms:primaryregion", "kms:reencryptonsamekey", "kms:replicaregion",
        "kms:requestalias",
        "kms:resourcealiases", "kms:retiringprincipal", "kms:retiringserviceprincipal", "kms:rotationperiodindays",
        "kms:schedulekeydeletionpendingwindowindays", "kms:signingalgorithm", "kms:trailingdayswithoutkeyusage",
        "kms:validto", "kms:viaservice", "kms:wrappingalgorithm", "kms:wrappingkeyspec",
        "aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "aws:currenttime",
        "aws:ec2instancesourceprivateipv4",
        "aws:ec2instancesourcevpc", "aws:epochtime", "aws:federatedprovider", "aws:multifactorauthage",
        "aws:multifactorauthpresent", "aws:principalaccount", "aws:principalarn", "aws:principalisawsservice",
        "aws:principalorgid", "aws:principalorgpaths", "aws:principalservicename", "aws:principalservicenameslist",
        "aws:principaltype", "aws:referer", "aws:requestedregion", "aws:resourceaccount", "aws:resourceorgid",
        "aws:resourceorgpaths", "aws:securetransport", "aws:sourceaccount", "aws:sourcearn", "aws:sourceidentity",
        "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourcevpc", "aws:sourcevpce", "aws:tagkeys",
        "aws:tokenissuetime", "aws:useragent", "aws:userid", "aws:username", "aws:viaawsservice", "aws:vpcsourceip",
    ]

    private static let prefixes = [
        "kms:encryptioncontext:", "kms:recipientattestation:", "aws:principaltag/", "aws:requesttag/",
        "aws:resourcetag/",
    ]

    static func isKnown(_ key: String) -> Bool {
        let key = PolicyPattern.lowercased(key)
        return known.contains(key) || prefixes.contains(where: key.hasPrefix)
    }

    /// What only calls of these actions have; all others are without it.
    private static let ofActions: [String: [String]] = [
        "kms:WrappingAlgorithm": ["kms:GetParametersForImport"], "kms:WrappingKeySpec": ["kms:GetParametersForImport"],
        "kms:ExpirationModel": ["kms:ImportKeyMaterial"], "kms:ValidTo": ["kms:ImportKeyMaterial"],
        "kms:GrantIsForAWSResource": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
        "kms:GrantOperations": ["kms:CreateGrant"], "kms:GrantConstraintType": ["kms:CreateGrant"],
    ]

    /// The keys that a call of an action does not have, each with an empty list.
    static func absent(in action: String) -> [String: [String]] {
        ofActions.filter { !$0.value.contains(action) }.mapValues { _ in [] }
    }
}
