/// The ways from variables and files to a role's session, and what leads nowhere.
enum RoleCases {
    static let all = chains + settings + sources + tokens + servers + refusals

    private typealias Call = CredentialServer.Call

    private static let keys = "aws_access_key_id = AKIAFILE\naws_secret_access_key = file/secret\n"
    private static func role(_ name: String = "ceremony") -> String { "role_arn = \(CredentialServer.arn(name))\n" }
    private static func key(_ base: String?, _ calls: Call...) -> RoleCase.Expected {
        .key(CredentialServer.key(from: base, calls))
    }

    private static let chains: [RoleCase] = [
        .init(
            name: "a role with the keys of another profile",
            config: "[default]\n" + role() + "source_profile = base\n[profile base]\n" + keys,
            expected: key("AKIAFILE", Call())),
        .init(
            name: "a role of AWS_PROFILE with the keys of the credentials file",
            config: "[profile ceremony]\n" + role() + "source_profile = base\n", credentials: "[base]\n" + keys,
            environment: ["AWS_PROFILE": "ceremony"], expected: key("AKIAFILE", Call())),
        .init(
            name: "a role in the credentials file",
            credentials: "[default]\n" + role() + "source_profile = base\n[base]\n" + keys,
            expected: key("AKIAFILE", Call())),
        .init(
            name: "a chain of three roles",
            config: "[default]\n" + role() + "source_profile = a\n[profile a]\n" + role("a")
                + "source_profile = b\n[profile b]\n" + role("b") + "source_profile = c\n[profile c]\n" + keys,
            expected: key("AKIAFILE", Call(role: "b"), Call(role: "a"), Call())),
        .init(
            name: "a profile that is its own source",
            config: "[default]\n" + role() + keys + "source_profile = default\n",
            expected: key("AKIAFILE", Call())),
        .init(
            name: "keys beside a role in a chain come before the role",
            config: "[default]\n" + role() + "source_profile = a\n[profile a]\n" + role("a") + keys
                + "source_profile = default\n",
            expected: key("AKIAFILE", Call())),
        .init(
            name: "a role with the keys of a process",
            config: "[default]\n" + role() + "source_profile = base\n[profile base]\ncredential_process = "
                + #"printf '{"Version":1,"AccessKeyId":"AKIAPROC","SecretAccessKey":"p"}'"# + "\n",
            expected: key("AKIAPROC", Call())),
        .init(
            name: "a role comes before the credentials file's key",
            config: "[default]\n" + role() + "source_profile = base\n[profile base]\n" + keys,
            credentials: "[default]\naws_access_key_id = AKIANOT\naws_secret_access_key = no\n",
            expected: key("AKIAFILE", Call())),
        .init(
            name: "the environment's key comes before a role",
            config: "[default]\n" + role() + "source_profile = nobody\n",
            environment: [
                "AWS_ACCESS_KEY_ID": "ASIAHOST", "AWS_SECRET_ACCESS_KEY": "secret/ASIAHOST",
                "AWS_SESSION_TOKEN": "token+ASIAHOST",
            ],
            expected: .key("ASIAHOST")),
    ]

    private static let settings: [RoleCase] = [
        .init(
            name: "all that a role can have",
            config: "[default]\n" + role() + """
                source_profile = base
                role_session_name = ada@example.com,a=b+c.d-e_f
                external_id = ex/t:1
                duration_seconds = 1800
                mfa_serial = arn:aws:iam::111122223333:mfa/ada
                [profile base]

                """ + keys,
            expected: key(
                "AKIAFILE",
                Call(fields: [
                    "RoleSessionName": "ada@example.com,a=b+c.d-e_f", "ExternalId": "ex/t:1", "DurationSeconds": "1800",
                    "SerialNumber": "arn:aws:iam::111122223333:mfa/ada", "TokenCode": "123456",
                ]))),
        .init(
            name: "each role of a chain has its own settings",
            config: "[default]\n" + role() + "source_profile = a\nexternal_id = one\n[profile a]\n" + role("a")
                + "source_profile = b\nrole_session_name = two\n[profile b]\n" + keys,
            expected: key(
                "AKIAFILE", Call(role: "a", fields: ["RoleSessionName": "two"]), Call(fields: ["ExternalId": "one"]))),
        .init(
            name: "a name that STS does not take",
            config: "[default]\n" + role() + "source_profile = base\nrole_session_name = x\n[profile base]\n" + keys,
            expected: .refused("config:4: role_session_name is no name of a session: 2 to 64 letters")),
        .init(
            name: "a name with a character that STS does not take",
            config: "[default]\n" + role() + "source_profile = base\nrole_session_name = a b\n[profile base]\n" + keys,
            expected: .refused("role_session_name is no name of a session"), botocoreRefuses: false),
        .init(
            name: "a duration that is none",
            config: "[default]\n" + role() + "source_profile = base\nduration_seconds = 1h\n[profile base]\n" + keys,
            expected: .refused("config:4: duration_seconds must be 900 to 43200"), botocoreRefuses: false),
    ]

    private static let environmentKeys = [
        "AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s",
    ]

    private static let sources: [RoleCase] = [
        .init(
            name: "a role with the environment's key",
            config: "[profile ceremony]\n" + role() + "credential_source = Environment\n", environment: environmentKeys,
            profile: "ceremony", expected: key("AKIAENV", Call())),
        .init(
            name: "a role with the environment's key, and there is none",
            config: "[profile ceremony]\n" + role() + "credential_source = Environment\n", profile: "ceremony",
            expected: .refused("no AWS credentials: set AWS_ACCESS_KEY_ID")),
        .init(
            name: "a role with the container's credentials",
            config: "[default]\n" + role() + "credential_source = EcsContainer\n",
            environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "{server}/container?a=b"],
            expected: key("ASIAHOST", Call())),
        .init(
            name: "a role with the container's credentials, and there is no container",
            config: "[default]\n" + role() + "credential_source = EcsContainer\n",
            expected: .refused("config:3: the credentials are to come from the container's host, and")),
        .init(
            name: "a role with the instance's credentials",
            config: "[default]\n" + role() + "credential_source = Ec2InstanceMetadata\n",
            environment: ["AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{server}"],
            expected: key("ASIAHOST", Call())),
        .init(
            name: "a role of a named profile with the instance's credentials, by the profile's address",
            config: "[profile ceremony]\n" + role()
                + "credential_source = Ec2InstanceMetadata\nec2_metadata_service_endpoint = {server}\n",
            environment: ["AWS_EC2_METADATA_DISABLED": "false"], profile: "ceremony",
            expected: key("ASIAHOST", Call())),
        .init(
            name: "a source of another name",
            config: "[default]\n" + role() + "credential_source = environment\n",
            expected: .refused("config:3: credential_source must be Environment, Ec2InstanceMetadata or EcsContainer")),
    ]

    private static let tokens: [RoleCase] = [
        .init(
            name: "a web identity in a profile",
            config: "[default]\n" + role() + "web_identity_token_file = {}/token\n" + keys,
            expected: key(
                nil,
                Call(action: "AssumeRoleWithWebIdentity", fields: ["WebIdentityToken": CredentialServer.webIdentity]))
        ),
        .init(
            name: "a web identity in the environment", config: "[default]\n" + keys,
            environment: [
                "AWS_WEB_IDENTITY_TOKEN_FILE": "{}/token", "AWS_ROLE_ARN": CredentialServer.arn("pod"),
                "AWS_ROLE_SESSION_NAME": "pod-1",
            ],
            expected: key(
                nil,
                Call(
                    action: "AssumeRoleWithWebIdentity", role: "pod",
                    fields: ["WebIdentityToken": CredentialServer.webIdentity, "RoleSessionName": "pod-1"]))),
        .init(
            name: "a web identity in the environment does not count for a named profile",
            config: "[profile ceremony]\n" + role() + "source_profile = base\n[profile base]\n" + keys,
            environment: [
                "AWS_WEB_IDENTITY_TOKEN_FILE": "{}/token", "AWS_ROLE_ARN": CredentialServer.arn("pod"),
            ], profile: "ceremony", expected: key("AKIAFILE", Call())),
        .init(
            name: "a profile's role comes before the environment's web identity",
            config: "[default]\n" + role() + "source_profile = base\n[profile base]\n" + keys,
            environment: [
                "AWS_WEB_IDENTITY_TOKEN_FILE": "{}/token", "AWS_ROLE_ARN": CredentialServer.arn("pod"),
            ], expected: key("AKIAFILE", Call())),
        .init(
            name: "a role with a web identity's session",
            config: "[default]\n" + role() + "source_profile = web\n[profile web]\n" + role("web")
                + "web_identity_token_file = {}/token\n",
            expected: key(
                nil,
                Call(
                    action: "AssumeRoleWithWebIdentity", role: "web",
                    fields: ["WebIdentityToken": CredentialServer.webIdentity]), Call())),
        .init(
            name: "a web identity without a role", environment: ["AWS_WEB_IDENTITY_TOKEN_FILE": "{}/token"],
            expected: .refused("and no role for it; set AWS_ROLE_ARN")),
        .init(
            name: "a web identity's token that is not there",
            config: "[default]\n" + role() + "web_identity_token_file = {}/nothing\n",
            expected: .refused("/nothing, which is no file; correct its path")),
        .init(
            name: "a web identity's token that is empty",
            config: "[default]\n" + role() + "web_identity_token_file = {}/token\n", token: "",
            expected: .refused("/token holds no token that can be sent")),
        .init(
            name: "a web identity's token with a line's end",
            config: "[default]\n" + role() + "web_identity_token_file = {}/token\n", token: "hunter2\n",
            expected: .refused("/token holds no token that can be sent"), botocoreRefuses: false),
    ]

    private static let instance = [
        "AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{server}/",
    ]

    private static let servers: [RoleCase] = [
        .init(
            name: "a container's host", environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "{server}/container?a=b"],
            expected: .key("ASIAHOST")),
        .init(
            name: "a container's host that wants a token",
            environment: [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{server}/guarded",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer hunter2",
            ],
            expected: .key("ASIAHOST")),
        .init(
            name: "a token's file comes before the token",
            environment: [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{server}/guarded", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "no",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{}/token",
            ], token: "Bearer hunter2", expected: .key("ASIAHOST")),
        .init(name: "an instance's metadata", environment: instance, expected: .key("ASIAHOST")),
        .init(
            name: "a profile's key comes before the hosts'",
            config: "[default]\n" + role() + "source_profile = default\n" + keys,
            environment: instance.merging(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "{server}/none"]) { $1 },
            expected: key("AKIAFILE", Call())),
        .init(
            name: "a container comes before its machine",
            environment: instance.merging(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "{server}/container?a=b"]) { $1 },
            expected: .key("ASIAHOST")),
        .init(
            name: "a container's host over plain HTTP elsewhere",
            environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/container"],
            expected: .refused(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI names example.com: over plain HTTP, credentials come")),
        .init(
            name: "a container's token with a line's end",
            environment: [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{server}/guarded",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer hunter2\nX-Other: a",
            ],
            expected: .refused("AWS_CONTAINER_AUTHORIZATION_TOKEN holds what no header can carry")),
        .init(
            name: "a metadata service that is not to be asked",
            environment: instance.merging(["AWS_EC2_METADATA_DISABLED": "true"]) { $1 },
            expected: .refused("the AWS profile \"default\" has no credentials")),
        .init(
            name: "a metadata service over plain HTTP elsewhere",
            environment: instance.merging(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://[::ffff:127.0.0.1]:1"]) { $1 },
            expected: .refused("plain HTTP is for this machine's loopback addresses alone")),
    ]

    private static let refusals: [RoleCase] = [
        .init(
            name: "a source profile that is not there", config: "[default]\n" + role() + "source_profile = a\n",
            expected: .refused("the AWS profile \"default\" names the source_profile \"a\", which is in neither")),
        .init(
            name: "source profiles in a circle",
            config: "[default]\n" + role() + "source_profile = a\n[profile a]\n" + role("a")
                + "source_profile = default\n",
            expected: .refused("\"default\", \"a\", \"default\" lead in a circle")),
        .init(
            name: "a profile that is its own source and has no keys",
            config: "[default]\n" + role() + "source_profile = default\n",
            expected: .refused("\"default\", \"default\" lead in a circle")),
        .init(
            name: "two sources of a role",
            config: "[default]\n" + role() + "source_profile = a\ncredential_source = Environment\n[profile a]\n"
                + keys,
            expected: .refused("has both source_profile and credential_source")),
        .init(
            name: "no source of a role", config: "[default]\n" + role(),
            expected: .refused("has a role_arn, and neither source_profile nor credential_source")),
        .init(
            name: "a source profile without credentials",
            config: "[default]\n" + role() + "source_profile = a\n[profile a]\nregion = eu-central-1\n",
            expected: .refused("has the source_profile \"a\", which has no credentials")),
    ]
}
