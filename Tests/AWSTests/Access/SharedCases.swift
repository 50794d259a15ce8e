/// The dialect of AWS's shared files, and what comes before what.
enum SharedCases {
    static let all = dialect + profiles + order + settings + endpoints + authorities + processes + refusals

    private static let keys = "aws_access_key_id = AKIAFILE\naws_secret_access_key = file/secret\n"
    private static let region = "[default]\nregion = eu-central-1\n"

    private static let dialect: [SharedCase] = [
        .init(name: "two plain files", config: region, credentials: "[default]\n" + keys),
        .init(
            name: "a session token", config: region,
            credentials: "[default]\n" + keys + "aws_session_token = tok+/=en\n",
            expected: .reading(.init(token: "tok+/=en"))),
        .init(
            name: "the token's old name comes first", config: region,
            credentials: "[default]\n" + keys + "aws_session_token = new\naws_security_token = old\n",
            expected: .reading(.init(token: "old"))),
        .init(
            name: "an empty token is none", config: region, credentials: "[default]\n" + keys + "aws_session_token =\n"),
        .init(
            name: "comments are whole lines, with # or ;", config: "# one\n; two\n  # three\n" + region,
            credentials: "[default]\n# aws_access_key_id = AKIANOT\n" + keys + ";x\n"),
        .init(
            name: "a # behind a value belongs to it", config: "[default]\nregion = eu-central-1 # here\n",
            credentials: "[default]\n" + keys, expected: .refused("is not the name of an AWS Region")),
        .init(
            name: "white space around names and values, and no white space",
            config: "[default]\nregion=eu-central-1",
            credentials: "[default]\naws_access_key_id\t=\t AKIAFILE \t\naws_secret_access_key=file/secret   \n"),
        .init(
            name: "a colon instead of =", config: "[default]\nregion: eu-central-1\n",
            credentials: "[default]\naws_access_key_id:AKIAFILE\naws_secret_access_key : file/secret\n"),
        .init(
            name: "the first = or : ends the name", config: region,
            credentials: "[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = a=b:c==\n",
            expected: .reading(.init(secret: "a=b:c=="))),
        .init(
            name: "names in capitals", config: "[default]\nREGION = eu-central-1\n",
            credentials: "[default]\nAWS_Access_Key_ID = AKIAFILE\nAWS_SECRET_ACCESS_KEY = file/secret\n"),
        .init(
            name: "lines that end as Windows ends them", config: "[default]\r\nregion = eu-central-1\r\n",
            credentials: "[default]\r\naws_access_key_id = AKIAFILE\r\naws_secret_access_key = file/secret\r\n"),
        .init(
            name: "lines that end as the first Macs ended them", config: "[default]\rregion = eu-central-1\r",
            credentials: "[default]\raws_access_key_id = AKIAFILE\raws_secret_access_key = file/secret"),
        .init(
            name: "empty lines", config: "\n\n[default]\n\nregion = eu-central-1\n\n\n",
            credentials: "\n[default]\n\n" + keys + "\n\n"),
        .init(
            name: "indented settings", config: "[default]\n    region = eu-central-1\n",
            credentials: "  [default]\n  aws_access_key_id = AKIAFILE\n  aws_secret_access_key = file/secret\n"),
        .init(
            name: "an indented line continues the one before it", config: region,
            credentials: "[default]\naws_access_key_id = AKIAFILE\n  aws_secret_access_key = file/secret\n",
            expected: .refused("no aws_secret_access_key")),
        .init(
            name: "a header indented below a setting continues it", config: region,
            credentials: "[other]\nx = y\n  [default]\n" + keys, expected: .refused("has no credentials")),
        .init(
            name: "a comment inside a block does not end it",
            config: region + "s3 =\n  addressing_style = path\n# comment\n  signature_version = s3v4\n",
            credentials: "[default]\n" + keys),
        .init(
            name: "blocks of other services",
            config: "[default]\ns3 =\n  x = y\n  region = us-east-1\nregion = eu-central-1\n",
            credentials: "[default]\n" + keys),
        .init(
            name: "a block with a line that is no setting", config: region + "s3 =\n  nonsense\n",
            credentials: "[default]\n" + keys, expected: .refused("config:3: the block below it has a line without =")),
        .init(
            name: "a block where a value belongs", config: "[default]\nregion =\n  eu = central-1\n",
            credentials: "[default]\n" + keys, expected: .refused("no region")),
        .init(
            name: "words behind a header, and a ] in it", config: "[default] and more\nregion = eu-central-1\n",
            credentials: "[default]\n" + keys),
        .init(
            name: "what [DEFAULT] says holds everywhere",
            config: "[DEFAULT]\nregion = eu-central-1\n[default]\nx = y\n",
            credentials: "[default]\naws_access_key_id = AKIAFILE\n[DEFAULT]\naws_secret_access_key = file/secret\n"),
        .init(
            name: "a section's own setting beats [DEFAULT]", config: "[DEFAULT]\nregion = us-east-1\n" + region,
            credentials: "[default]\n" + keys),
        .init(
            name: "a section that stands twice", config: region + "[default]\noutput = json\n",
            credentials: "[default]\n" + keys, expected: .refused("config:3 cannot be read: the section default stands")
        ),
        .init(
            name: "a setting that stands twice", config: region + "region = eu-west-1\n",
            credentials: "[default]\n" + keys, expected: .refused("config:3 cannot be read: region stands")),
        .init(
            name: "a setting without a section", config: "region = eu-central-1\n", credentials: "[default]\n" + keys,
            expected: .refused("config:1 cannot be read: a setting stands before the first [section]")),
        .init(
            name: "a line without =", config: region, credentials: "[default]\n" + keys + "hunter2\n",
            expected: .refused("credentials:4 cannot be read: there is no = in it")),
        .init(
            name: "a line without a name", config: region, credentials: "[default]\n" + keys + "= hunter2\n",
            expected: .refused("credentials:4 cannot be read: nothing stands before the =")),
        .init(
            name: "a byte order mark", config: "\u{FEFF}" + region, credentials: "[default]\n" + keys,
            expected: .refused("config:1 cannot be read")),
    ]

    private static let profiles: [SharedCase] = [
        .init(
            name: "AWS_PROFILE in both files", config: "[profile ceremony]\nregion = eu-central-1\n",
            credentials: "[ceremony]\n" + keys + "[default]\naws_access_key_id = AKIANOT\naws_secret_access_key = no\n",
            environment: ["AWS_PROFILE": "ceremony"]),
        .init(
            name: "AWS_DEFAULT_PROFILE", config: "[profile ceremony]\nregion = eu-central-1\n",
            credentials: "[ceremony]\n" + keys, environment: ["AWS_DEFAULT_PROFILE": "ceremony"]),
        .init(
            name: "two different profiles", config: "[profile a]\nregion = eu-central-1\n",
            credentials: "[a]\n" + keys + "[b]\n" + keys,
            environment: ["AWS_DEFAULT_PROFILE": "a", "AWS_PROFILE": "b"],
            expected: .refused("name different profiles"), botocoreRefuses: false),
        .init(
            name: "a profile's name in quotes", config: "[profile \"key ceremony\"]\nregion = eu-central-1\n" + keys,
            environment: ["AWS_PROFILE": "key ceremony"]),
        .init(
            name: "a profile's name in single quotes, and an escape",
            config: "[profile 'key ceremony'\\!]\nregion = eu-central-1\n" + keys,
            environment: ["AWS_PROFILE": "key ceremony!"]),
        .init(
            name: "a profile's name with an accent", config: "[profile clé]\nregion = eu-central-1\n" + keys,
            environment: ["AWS_PROFILE": "clé"]),
        .init(
            name: "a profile's name of two words names nothing", config: "[profile key ceremony]\n" + keys,
            environment: ["AWS_PROFILE": "key ceremony"], expected: .refused("is in neither shared file")),
        .init(
            name: "a profile's name with a quote that nothing ends", config: "[profile \"key]\n" + keys,
            environment: ["AWS_PROFILE": "key"], expected: .refused("is in neither shared file")),
        .init(
            name: "[name] is no profile in the config file", config: "[ceremony]\nregion = eu-central-1\n" + keys,
            environment: ["AWS_PROFILE": "ceremony"], expected: .refused("is in neither shared file")),
        .init(
            name: "[profile name] is none of that name in the credentials file", config: region,
            credentials: "[profile ceremony]\n" + keys, environment: ["AWS_PROFILE": "ceremony"],
            expected: .refused("is in neither shared file")),
        .init(
            name: "[profile default] after [default] replaces it whole",
            config: "[default]\nregion = us-east-1\n[profile default]\nregion = eu-central-1\n",
            credentials: "[default]\n" + keys),
        .init(
            name: "[default] after [profile default] replaces it whole",
            config: "[profile default]\nregion = us-east-1\noutput = json\n" + region, credentials: "[default]\n" + keys
        ),
        .init(
            name: "[profiles x] is a profile to botocore", config: "[profiles x]\nregion = eu-central-1\n" + keys,
            environment: ["AWS_PROFILE": "x"]),
        .init(
            name: "a profile that is not there", config: region, credentials: "[default]\n" + keys,
            environment: ["AWS_PROFILE": "nobody"],
            expected: .refused("the AWS profile \"nobody\" is in neither shared file")),
        .init(
            name: "a region in the credentials file beats the config file's",
            config: "[default]\nregion = us-east-1\n", credentials: "[default]\nregion = eu-central-1\n" + keys),
    ]

    private static let order: [SharedCase] = [
        .init(
            name: "the environment's key comes before the profile's", config: region, credentials: "[default]\n" + keys,
            environment: [
                "AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "env", "AWS_SESSION_TOKEN": "t",
            ],
            expected: .reading(.init(key: "AKIAENV", secret: "env", token: "t"))),
        .init(
            name: "AWS_PROFILE does not change that", config: region, credentials: "[p]\n" + keys,
            environment: [
                "AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "env", "AWS_PROFILE": "p",
                "AWS_DEFAULT_REGION": "eu-central-1",
            ],
            expected: .reading(.init(key: "AKIAENV", secret: "env"))),
        .init(
            name: "half a key in the environment", config: region, credentials: "[default]\n" + keys,
            environment: ["AWS_ACCESS_KEY_ID": "AKIAENV"], expected: .refused("AWS_SECRET_ACCESS_KEY")),
        .init(
            name: "the token's old variable comes first", config: region,
            environment: [
                "AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "env", "AWS_SESSION_TOKEN": "new",
                "AWS_SECURITY_TOKEN": "old",
            ],
            expected: .reading(.init(key: "AKIAENV", secret: "env", token: "old"))),
        .init(
            name: "a key in the credentials file comes before the config file's",
            config: region + "aws_access_key_id = AKIANOT\naws_secret_access_key = no\n",
            credentials: "[default]\n" + keys),
        .init(name: "a key in the config file", config: region + keys),
        .init(
            name: "half a key in the credentials file", config: region + keys,
            credentials: "[default]\naws_access_key_id = AKIANOT\n",
            expected: .refused("credentials:2: the profile has no aws_secret_access_key")),
        .init(name: "no credentials at all", config: region, expected: .refused("has no credentials")),
        .init(
            name: "a config file that is none", credentials: "[default]\n" + keys,
            environment: ["AWS_CONFIG_FILE": "/dev/null", "AWS_DEFAULT_REGION": "eu-central-1"]),
        .init(
            name: "a file in the home folder", config: region, credentials: "[default]\n" + keys,
            environment: ["AWS_CONFIG_FILE": "~/config"]),
    ]

    private static let settings: [SharedCase] = [
        .init(
            name: "AWS_DEFAULT_REGION beats the file's", config: "[default]\nregion = us-east-1\n" + keys,
            environment: ["AWS_DEFAULT_REGION": "eu-central-1"]),
        .init(name: "no Region", config: "[default]\n" + keys, expected: .refused("no region")),
        .init(
            name: "FIPS by the file", config: region + keys + "use_fips_endpoint = True\n",
            expected: .reading(
                .init(
                    kms: "https://kms-fips.eu-central-1.amazonaws.com",
                    sts: "https://sts-fips.eu-central-1.amazonaws.com"))),
        .init(
            name: "dual stack by the environment", config: region + keys,
            environment: ["AWS_USE_DUALSTACK_ENDPOINT": "true"],
            expected: .reading(
                .init(kms: "https://kms.eu-central-1.api.aws", sts: "https://sts.eu-central-1.api.aws"))),
        .init(
            name: "the environment switches FIPS off", config: region + keys + "use_fips_endpoint = true\n",
            environment: ["AWS_USE_FIPS_ENDPOINT": "false"]),
        .init(
            name: "FIPS set to neither true nor false", config: region + keys + "use_fips_endpoint = yes\n",
            expected: .refused("use_fips_endpoint must be true or false"), botocoreRefuses: false),
    ]

    private static let endpoints: [SharedCase] = [
        .init(
            name: "AWS_ENDPOINT_URL", config: region + keys,
            environment: ["AWS_ENDPOINT_URL": "https://aws.example.com"],
            expected: .reading(.init(kms: "https://aws.example.com", sts: "https://aws.example.com"))),
        .init(
            name: "a service's own variable comes first", config: region + keys,
            environment: [
                "AWS_ENDPOINT_URL": "https://aws.example.com",
                "AWS_ENDPOINT_URL_KMS": "https://vpce-0a1b-2c3d.kms.eu-central-1.vpce.amazonaws.com",
            ],
            expected: .reading(
                .init(
                    kms: "https://vpce-0a1b-2c3d.kms.eu-central-1.vpce.amazonaws.com", sts: "https://aws.example.com"))),
        .init(
            name: "the profile's endpoint_url", config: region + keys + "endpoint_url = http://127.0.0.1:4566\n",
            expected: .reading(.init(kms: "http://127.0.0.1:4566", sts: "http://127.0.0.1:4566"))),
        .init(
            name: "a services section",
            config: region + keys + "services = local\nendpoint_url = https://b.example.com\n"
                + "[services local]\nkms =\n  endpoint_url = https://a.example.com\ns3 =\n  endpoint_url = https://c.example.com\n",
            expected: .reading(.init(kms: "https://a.example.com", sts: "https://b.example.com"))),
        .init(
            name: "the general variable beats the services section",
            config: region + keys
                + "services = local\n[services local]\nkms =\n  endpoint_url = https://a.example.com\n",
            environment: ["AWS_ENDPOINT_URL": "https://b.example.com"],
            expected: .reading(.init(kms: "https://b.example.com", sts: "https://b.example.com"))),
        .init(
            name: "a services section that is not there", config: region + keys + "services = local\n",
            expected: .refused("names the services section local, which is not in the config file")),
        .init(
            name: "a service without a block", config: region + keys + "services = local\n[services local]\nkms = x\n",
            expected: .refused("below kms = an indented block must stand")),
        .init(
            name: "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            config: region + keys + "endpoint_url = https://b.example.com\n",
            environment: [
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE", "AWS_ENDPOINT_URL_KMS": "https://a.example.com",
            ]),
        .init(
            name: "the profile ignores configured endpoints",
            config: region + keys + "ignore_configured_endpoint_urls = true\n",
            environment: ["AWS_ENDPOINT_URL": "https://a.example.com"]),
        .init(
            name: "an empty endpoint is none", config: region + keys + "endpoint_url =\n",
            environment: ["AWS_ENDPOINT_URL_KMS": ""]),
        .init(
            name: "a configured endpoint and FIPS", config: region + keys + "use_fips_endpoint = true\n",
            environment: ["AWS_ENDPOINT_URL": "https://a.example.com"], expected: .refused("FIPS or dual stack too"),
            botocoreRefuses: false),
        .init(
            name: "plain HTTP beyond this machine", config: region + keys,
            environment: ["AWS_ENDPOINT_URL": "http://kms.example.com"],
            expected: .refused("plain HTTP is for this machine's loopback addresses alone"), botocoreRefuses: false),
    ]

    private static let authorities: [SharedCase] = [
        .init(
            name: "AWS_CA_BUNDLE", config: region + keys, environment: ["AWS_CA_BUNDLE": "/etc/room/ca.pem"],
            expected: .reading(.init(ca: "/etc/room/ca.pem"))),
        .init(
            name: "the profile's ca_bundle", config: region + keys + "ca_bundle = /etc/room/ca.pem\n",
            expected: .reading(.init(ca: "/etc/room/ca.pem"))),
        .init(
            name: "the variable comes before the profile's", config: region + keys + "ca_bundle = /etc/room/old.pem\n",
            environment: ["AWS_CA_BUNDLE": "/etc/room/ca.pem"], expected: .reading(.init(ca: "/etc/room/ca.pem"))),
        .init(
            name: "a ca_bundle in the credentials file comes before the config file's",
            config: region + "ca_bundle = /etc/room/old.pem\n",
            credentials: "[default]\n" + keys + "ca_bundle = /etc/room/ca.pem\n",
            expected: .reading(.init(ca: "/etc/room/ca.pem"))),
        .init(
            name: "another profile's ca_bundle is not this one's",
            config: region + keys + "[profile other]\nca_bundle = /etc/room/ca.pem\n"),
        .init(
            name: "a CA file's path is taken as it stands", config: region + keys,
            environment: ["AWS_CA_BUNDLE": "~/ca.pem"], expected: .reading(.init(ca: "~/ca.pem"))),
        .init(
            name: "an empty ca_bundle", config: region + keys + "ca_bundle =\n",
            expected: .refused("config:5: ca_bundle names no file; name one, or remove it")),
        .init(
            name: "an empty AWS_CA_BUNDLE", config: region + keys + "ca_bundle = /etc/room/ca.pem\n",
            environment: ["AWS_CA_BUNDLE": ""], expected: .refused("AWS_CA_BUNDLE names no file")),
        .init(
            name: "an AWS_CA_BUNDLE of white space", config: region + keys, environment: ["AWS_CA_BUNDLE": " \t"],
            expected: .refused("AWS_CA_BUNDLE names no file")),
        .init(
            name: "a block where the CA file belongs", config: region + keys + "ca_bundle =\n  a = b\n",
            expected: .refused("config:5: ca_bundle names no file"), botocoreRefuses: false),
    ]

    private static func process(_ line: String) -> String { region + "credential_process = " + line + "\n" }

    private static let processes: [SharedCase] = [
        .init(
            name: "a process in PATH",
            config: process(#"printf '{"Version":1,"AccessKeyId":"AKIAFILE","SecretAccessKey":"file/secret"}'"#)),
        .init(
            name: "a process with a token and an expiration",
            config: process(
                #"printf '{"Version": 1, "AccessKeyId": "AKIAFILE", "SecretAccessKey": "file/secret", "SessionToken": "a\/b", "Expiration": "2126-07-01T12:00:00Z", "X": [1, {"y": null}]}'"#
            ),
            expected: .reading(.init(token: "a/b"))),
        .init(
            name: "a null token",
            config: process(
                #"printf '{"Version":1,"AccessKeyId":"AKIAFILE","SecretAccessKey":"file/secret","SessionToken":null}'"#)
        ),
        .init(
            name: "no shell: what would be two commands is arguments",
            config: process(
                #"printf '{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"%s"}' AKIAFILE "a;b&&c$HOME""#),
            expected: .reading(.init(secret: "a;b&&c$HOME"))),
        .init(
            name: "escapes and quotes within quotes",
            config: process(
                #"printf "{\"Version\":1,\"AccessKeyId\":\"AKIAFILE\",\"SecretAccessKey\":\"%s%s%s\"}" a'b c'\d "" "\e""#
            ),
            expected: .refused("printed what is no JSON object")),
        .init(
            name: "words put together from parts",
            config: process(
                #"printf "{\"Version\":1,\"AccessKeyId\":\"AKIAFILE\",\"SecretAccessKey\":\"%s%s%s\"}" a'b'\c"d" "" '\\e'"#
            ),
            expected: .reading(.init(secret: #"abcd\e"#))),
        .init(
            name: "a process in the credentials file", config: region,
            credentials: "[default]\ncredential_process = "
                + #"printf '{"Version":1,"AccessKeyId":"AKIAFILE","SecretAccessKey":"file/secret"}'"# + "\n"),
        .init(
            name: "a process comes before the config file's key",
            config: process(#"printf '{"Version":1,"AccessKeyId":"AKIAPROC","SecretAccessKey":"p"}'"#) + keys,
            expected: .reading(.init(key: "AKIAPROC", secret: "p"))),
        .init(
            name: "the credentials file's key comes before a process", config: process("false"),
            credentials: "[default]\n" + keys),
        .init(
            name: "a process that fails", config: process("sh -c 'echo hunter2; echo hunter2 >&2; exit 7'"),
            expected: .refused("ended with status 7; run it by hand")),
        .init(
            name: "a process that is not there", config: process("{}/nothing --key hunter2"),
            expected: .refused("could not be started: No such file or directory")),
        .init(
            name: "a quote that nothing ends", config: process("sh -c 'hunter2"), expected: .refused("is no command")),
        .init(name: "nothing to run", config: process(""), expected: .refused("is no command")),
        .init(name: "no JSON", config: process("echo hunter2"), expected: .refused("printed what is no JSON object")),
        .init(
            name: "another version",
            config: process(#"echo '{"Version":2,"AccessKeyId":"AKIAFILE","SecretAccessKey":"hunter2"}'"#),
            expected: .refused("printed no \"Version\": 1")),
        .init(
            name: "a version in quotes",
            config: process(#"echo '{"Version":"1","AccessKeyId":"AKIAFILE","SecretAccessKey":"hunter2"}'"#),
            expected: .refused("printed no \"Version\": 1")),
        .init(
            name: "no key in it", config: process(#"echo '{"Version":1,"SecretAccessKey":"hunter2"}'"#),
            expected: .refused("printed no AccessKeyId or no SecretAccessKey")),
        .init(
            name: "credentials that have expired",
            config: process(
                #"echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"hunter2","Expiration":"2026-01-01T00:00:00Z"}'"#
            ),
            expected: .refused("echo, expired at 2026-01-01T00:00:00Z: get new ones")),
        .init(
            name: "a member that stands twice",
            config: process(#"echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"h","AccessKeyId":"B"}'"#),
            expected: .refused("a member stands twice"), botocoreRefuses: false),
    ]

    private static let refusals: [SharedCase] = [
        .init(
            name: "IAM Identity Center",
            config: region + "sso_account_id = 111122223333\nsso_role_name = ceremony\n" + keys,
            expected: .refused(
                "the AWS profile \"default\" takes its credentials from IAM Identity Center, which Keyrite does not speak; "
                    + "use a profile with credential_process = aws configure export-credentials --profile default --format "
                    + "process, or have the site's aws.awsProgram name the aws CLI")),
        .init(
            name: "a $ in a path", config: region + keys, environment: ["AWS_CONFIG_FILE": "$HOME/config"],
            expected: .refused("holds a $; write the path out"), botocoreRefuses: false),
        .init(
            name: "STS's one address for all Regions", config: region + keys + "sts_regional_endpoints = legacy\n",
            expected: .refused("sts_regional_endpoints, must be regional"), botocoreRefuses: false),
        .init(
            name: "a profile that was named and has nothing, and a container's host",
            config: "[profile ceremony]\nregion = eu-central-1\n",
            environment: [
                "AWS_PROFILE": "ceremony", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/",
            ],
            expected: .refused("the AWS profile \"ceremony\" has no credentials; give it")),
    ]
}
