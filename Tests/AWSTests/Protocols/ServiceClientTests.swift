import AWS
import CryptoPrimitives
import Testing

@Suite("Calls of AWS's protocols on the wire", .timeLimit(.minutes(60)))
struct ServiceClientTests {
    private static let json10 = Service("dynamodb", .json(version: .v10, targetPrefix: "DynamoDB_20120810"))
    private static let query = Service("rds", .query(version: "2014-10-31"), otherwise: .assumed(1_000))
    private static let ec2 = Service("ec2", .ec2(version: "2016-11-15"))
    private static let s3 = Service("s3", .restXML)
    private static let efs = Service("elasticfilesystem", .restJSON)

    private struct Instances: Decodable {
        struct List: Decodable {
            let instances: [Instance]

            private enum CodingKeys: String, CodingKey { case instances = "DBInstance" }
        }
        struct Instance: Decodable, Equatable {
            let name: String
            let encrypted: Bool?
            let key: String?

            enum CodingKeys: String, CodingKey {
                case name = "DBInstanceIdentifier"
                case encrypted = "StorageEncrypted"
                case key = "KmsKeyId"
            }
        }
        let list: List
        let marker: String?

        private enum CodingKeys: String, CodingKey {
            case list = "DBInstances"
            case marker = "Marker"
        }
    }

    private struct Volumes: Decodable {
        struct Volume: Decodable, Equatable {
            let volumeId: String
        }
        let volumeSet: Items<Volume>
        let nextToken: String?
    }

    private struct Tables: Decodable {
        let names: [String]

        private enum CodingKeys: String, CodingKey { case names = "TableNames" }
    }

    private struct Location: Decodable {
        let region: String?

        private enum CodingKeys: String, CodingKey { case region = "" }
    }

    private static func client(_ service: Service, _ server: ScriptedServer) throws -> ServiceClient {
        try ServiceClient(service, .example(server.endpoint))
    }

    private static func page(_ instances: String, marker: String = "") -> Reply {
        .answer(
            """
            <?xml version="1.0"?>
            <DescribeDBInstancesResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/">
              <DescribeDBInstancesResult>
                <DBInstances>
                  \(instances)
                </DBInstances>\(marker)
              </DescribeDBInstancesResult>
              <ResponseMetadata><RequestId>c7abd205</RequestId></ResponseMetadata>
            </DescribeDBInstancesResponse>
            """)
    }

    private static func instance(_ name: String, _ more: String = "") -> String {
        "<DBInstance><New><Deep>1</Deep></New><DBInstanceIdentifier>\(name)</DBInstanceIdentifier>\(more)</DBInstance>"
    }

    private static let instances = Listing(
        ServiceCall<Instances>(query, "DescribeDBInstances", ["MaxRecords": .number(100)]), marker: "Marker",
        next: \.marker, entries: \.list.instances)

    private static func all(_ server: ScriptedServer) async throws -> [Instances.Instance] {
        var all: [Instances.Instance] = []
        try await client(query, server).eachPage(of: instances) { all += $0 }
        return all
    }

    @Test("JSON 1.0 is asked by its target, with parameters as members")
    func json() async throws {
        try await ScriptedServer.playing([.answer(#"{"TableNames":["a"],"New":{"x":[1]}}"#)]) { server in
            let call = ServiceCall<Tables>(
                Self.json10, "ListTables",
                ["Limit": .number(100), "Names": .list(["a", "ß\"<"]), "All": .flag(true), "From": .text("x/y")])
            #expect(try await Self.client(Self.json10, server).answer(to: call).names == ["a"])
            let asked = try #require(server.received.first)
            #expect(asked.method == "POST" && asked.target == "/")
            #expect(asked.header("Content-Type") == "application/x-amz-json-1.0")
            #expect(asked.header("X-Amz-Target") == "DynamoDB_20120810.ListTables")
            let body = #"{"All":true,"From":"x/y","Limit":100,"Names":["a","ß\"<"]}"#
            #expect(String(decoding: asked.body, as: UTF8.self) == body)
        }
    }

    @Test(
        "calls keep to their share of each operation's quota, be it under one a second; on this machine nobody waits",
        arguments: [(50, 500, 4_500), (100, 250, 2_250), (1, 25_000, 225_000)])
    func paced(_ share: Int, _ plain: Int, _ all: Int) async throws {
        let service = Service(
            "dynamodb", .json(version: .v10, targetPrefix: "DynamoDB_20120810"),
            quotas: ["ListTables": .stated(1, "a", checked: "2026-11-28")], otherwise: .assumed(8))
        let answers = Array(repeating: Reply.answer(#"{"TableNames":[]}"#), count: 9)
        try await ScriptedServer.playing(answers) { server in
            let clock = JumpingClock()
            let client = try ServiceClient(service, .example(server.endpoint), share: share, pacedBy: clock)
            func call(_ operation: String, by client: ServiceClient) async throws {
                _ = try await client.answer(to: ServiceCall<Tables>(service, operation, [:]))
            }
            for _ in 0..<3 { try await call("ListBackups", by: client) }
            #expect(clock.now.offset == .milliseconds(plain))
            for _ in 0..<3 { try await call("ListTables", by: client) }
            #expect(clock.now.offset == .milliseconds(all))
            let free = try ServiceClient(service, .example(server.endpoint))
            for _ in 0..<3 { try await call("ListTables", by: free) }
            #expect(clock.now.offset == .milliseconds(all))
        }
    }

    @Test("the query protocol is asked by a form, its pages are turned, names keep markup, alphabet and white space")
    func pages() async throws {
        let first = Self.instance("a&amp;b &lt;b&gt; ", "<StorageEncrypted>true</StorageEncrypted>")
        let second = Self.instance("ключ&#60;x&gt;") + Self.instance("鍵", "<KmsKeyId>k</KmsKeyId>")
        try await ScriptedServer.playing([
            Self.page(first, marker: "<Marker>m 1&amp;</Marker>"), Self.page("", marker: "<Marker>m2</Marker>"),
            Self.page(second, marker: "<Marker></Marker>"),
        ]) { server in
            let found = try await Self.all(server)
            #expect(
                found == [
                    .init(name: "a&b <b> ", encrypted: true, key: nil),
                    .init(name: "ключ<x>", encrypted: nil, key: nil),
                    .init(name: "鍵", encrypted: nil, key: "k"),
                ])
            let bodies = server.received.map { String(decoding: $0.body, as: UTF8.self) }
            let form = "Action=DescribeDBInstances&Version=2014-10-31&"
            #expect(
                bodies == [
                    form + "MaxRecords=100", form + "Marker=m%201%26&MaxRecords=100", form + "Marker=m2&MaxRecords=100",
                ])
        }
    }

    @Test(
        "an answer that is not what was asked for is no empty list",
        arguments: [
            "<html><body>Welcome</body></html>", "", "{}", "<DescribeDBInstancesResponse/>",
            "<DescribeDBInstancesResponse><DescribeDBInstancesResult/></DescribeDBInstancesResponse>",
            "<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances>",
            """
            <DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance><DBInstanceIdentifier>a\
            <![CDATA[b]]></DBInstanceIdentifier></DBInstance></DBInstances></DescribeDBInstancesResult>\
            </DescribeDBInstancesResponse>
            """,
            """
            <!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><DescribeDBInstancesResponse><DescribeDBInstancesResult>\
            <DBInstances/></DescribeDBInstancesResult></DescribeDBInstancesResponse>
            """,
            """
            <DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance><DBInstanceIdentifier>a\
            </DBInstanceIdentifier><StorageEncrypted>perhaps</StorageEncrypted></DBInstance></DBInstances>\
            </DescribeDBInstancesResult></DescribeDBInstancesResponse>
            """,
            """
            <DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance><KmsKeyId>a</KmsKeyId>\
            </DBInstance></DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>
            """,
        ])
    func otherAnswers(_ body: String) async throws {
        try await ScriptedServer.playing([.answer(body)]) { server in
            let error = await #expect(throws: AWSError.self) { try await Self.all(server) }
            guard case .unanswered("DescribeDBInstances", _, let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(!reason.contains("passwd") && !reason.contains("perhaps"))
        }
    }

    @Test("pages that lead in a circle end")
    func circle() async throws {
        let page = Self.page(Self.instance("a"), marker: "<Marker>m</Marker>")
        try await ScriptedServer.playing([page, page]) { server in
            await #expect(throws: AWSError.self) { try await Self.all(server) }
        }
    }

    @Test("EC2 numbers lists, and has no element around its result; its refusals are read")
    func ec2() async throws {
        let volumes =
            "<volumeSet><item><volumeId>vol-1</volumeId></item><item><volumeId>vol-2</volumeId></item></volumeSet>"
        try await ScriptedServer.playing([
            .answer(
                "<DescribeVolumesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\(volumes)</DescribeVolumesResponse>"
            ),
            .answer("<DescribeVolumesResponse><volumeSet/></DescribeVolumesResponse>"),
            .answer(
                status: 403,
                """
                <Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You &lt;may&gt; not</Message></Error>\
                </Errors><RequestID>r-1</RequestID></Response>
                """),
        ]) { server in
            let client = try Self.client(Self.ec2, server)
            let call = ServiceCall<Volumes>(Self.ec2, "DescribeVolumes", ["Owner": .list(["self", "1"])])
            #expect(try await client.answer(to: call).volumeSet.item.map(\.volumeId) == ["vol-1", "vol-2"])
            #expect(try await client.answer(to: call).volumeSet.item.isEmpty)
            let body = String(decoding: server.received[0].body, as: UTF8.self)
            #expect(body == "Action=DescribeVolumes&Version=2016-11-15&Owner.1=self&Owner.2=1")
            let error = await #expect(throws: AWSError.self) { try await client.answer(to: call) }
            guard case .service(let refusal) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(refusal.code.rawValue == "UnauthorizedOperation" && refusal.message == "You <may> not")
            #expect(refusal.requestID == "r-1")
        }
    }

    @Test("REST is asked by path and query, a bucket in the path of an endpoint that is not S3's own")
    func rest() async throws {
        try await ScriptedServer.playing([
            .answer(
                "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">eu-central-1</LocationConstraint>"
            ),
            .answer("<LocationConstraint/>"), .answer(#"{"TableNames":[]}"#),
        ]) { server in
            let call = ServiceCall<Location>(
                Self.s3, "GetBucketLocation", ["location": .bare], bucket: "Größe x", root: "LocationConstraint")
            let s3 = try Self.client(Self.s3, server)
            #expect(try await s3.answer(to: call).region == "eu-central-1")
            #expect((try await s3.answer(to: call).region ?? "") == "")
            let asked = server.received[0]
            #expect(asked.method == "GET" && asked.target == "/Gr%C3%B6%C3%9Fe%20x?location")
            let emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            #expect(asked.header("x-amz-content-sha256") == emptySHA256)
            let files = ServiceCall<Tables>(
                Self.efs, "DescribeFileSystems", ["MaxItems": .number(100), "Marker": .text("a/b &")],
                path: "/2015-02-01/file-systems")
            _ = try await Self.client(Self.efs, server).answer(to: files)
            #expect(server.received[2].target == "/2015-02-01/file-systems?Marker=a%2Fb%20%26&MaxItems=100")
            #expect(server.received[2].header("x-amz-content-sha256") == nil)
        }
    }

    /// Expected values as botocore signs them, at the time and with the keys of the test.
    @Test(
        "S3's paths and queries are signed as they are, all others' paths encoded once more",
        arguments: [
            (
                "s3", "/Gr%C3%B6%C3%9Fe%20x", "location",
                "55c5acde0c4f7556aa2bad1ccd02987f5783e5d27091e2779f1906ba08495c36"
            ),
            (
                "s3", "/b/../c//d%2Fe%25", "list-type=2&prefix=a%2Fb%20%26&encryption",
                "08d33e43143b7c823cf38973de0a82623b06e6c814e946862047a2b5e21a7824"
            ),
            (
                "elasticfilesystem", "/2015-02-01/file-systems/a%20b", "Marker=a%2Fb%20%26&MaxItems=100",
                "e9535ef5640603553c30dfd1e0cc7ed024947d07a3c03958a071879be639b398"
            ),
        ])
    func signatures(_ service: String, _ path: String, _ query: String, _ signature: String) throws {
        let signer = RequestSigner(
            credentials: try .example(), region: "eu-central-1", service: service,
            options: service == "s3" ? .s3 : .init())
        let request = SigningRequest(
            method: "GET", path: path, query: query, headers: [.init("Host", "example.amazonaws.com")],
            payloadSHA256: SHA256Digest(of: []))
        let signed = try signer.sign(request, at: SigningTime(TestTime.start))
        #expect(signed.values(of: "Authorization").first?.hasSuffix("Signature=\(signature)") == true, "\(signed)")
    }

    @Test("a bucket is a host at S3's own addresses alone, and if its name is one label")
    func bucketHosts() throws {
        let hosts = [
            "https://s3.eu-central-1.amazonaws.com": true, "https://s3.dualstack.us-gov-west-1.amazonaws.com": true,
            "https://s3-fips.us-east-1.amazonaws.com": true, "https://s3.cn-north-1.amazonaws.com.cn": true,
            "https://127.0.0.1:9000": false, "http://localhost:9000": false, "https://s3.example.com": false,
            "https://bucket.vpce-0e25b8cdd720f900e-argc85vg.s3.us-east-1.vpce.amazonaws.com": false,
            "https://s3.eu-central-1.amazonaws.com:8443": false,
        ]
        for (host, isOwn) in hosts {
            let endpoint = try Endpoint(host)
            let address = BucketAddress("payments-1", at: endpoint)
            #expect(
                address
                    == (isOwn
                        ? .init(hostPrefix: "payments-1", path: "/") : .init(hostPrefix: nil, path: "/payments-1")),
                "\(host)")
            for name in ["a.b", "Old", "x_y", "-a-", "ab", String(repeating: "a", count: 64)] {
                #expect(BucketAddress(name, at: endpoint).hostPrefix == nil, "\(name)")
            }
        }
        let prefixed = try Endpoint("https://s3.eu-central-1.amazonaws.com").prefixed("payments-1")
        #expect(prefixed.hostHeader == "payments-1.s3.eu-central-1.amazonaws.com")
    }
}
