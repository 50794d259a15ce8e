import AWS
import CryptoPrimitives
import Foundation

/// STS, a container's host and an instance's metadata in one server, all of which answer with credentials that are made of
/// what they were asked: who comes to the same key asked the same, of the same, as the same.
enum CredentialServer {
    /// One call of STS.
    struct Call {
        var action = "AssumeRole"
        var role = "ceremony"
        var fields: [String: String] = [:]

        /// What is asked in full; a name of the session that nobody gave is not told.
        var form: [String: String] {
            [
                "Action": action, "Version": "2011-06-15", "RoleArn": CredentialServer.arn(role),
                "RoleSessionName": "own",
            ]
            .merging(fields) { _, given in given }
        }
    }

    static let token = "ASIAHOST"
    static let webIdentity = "eyJhbGciOiJub25lIn0.e30.c2lnbmF0dXJl"

    static func arn(_ role: String) -> String { "arn:aws:iam::111122223333:role/\(role)" }

    /// The key that comes of calls, each with the credentials of the one before it.
    ///
    /// - Parameter base: The key of the first; nil for a call that is not signed.
    static func key(from base: String?, _ calls: [Call]) -> String {
        var caller = base ?? "nobody"
        for call in calls { caller = key(of: caller, call.form) }
        return caller
    }

    static func rule(_ request: ReceivedRequest) -> Reply? {
        let isOfInstance = request.header("x-aws-ec2-metadata-token") == "metadata-token"
        switch (request.method, request.target) {
        case ("POST", "/"): return role(request)
        case ("PUT", "/latest/api/token"):
            return request.header("x-aws-ec2-metadata-token-ttl-seconds") == "21600" ? .answer("metadata-token") : nil
        case ("GET", "/latest/meta-data/iam/security-credentials/"): return isOfInstance ? .answer("host") : nil
        case ("GET", "/latest/meta-data/iam/security-credentials/host"):
            return isOfInstance ? host("\"Code\":\"Success\",") : nil
        case ("GET", "/container?a=b"): return host()
        case ("GET", "/guarded"): return request.header("authorization") == "Bearer hunter2" ? host() : nil
        default: return nil
        }
    }

    private static func host(_ more: String = "") -> Reply {
        .answer(
            """
            {\(more)"AccessKeyId":"ASIAHOST","SecretAccessKey":"\(secret(of: "ASIAHOST"))",
            "Token":"\(token(of: "ASIAHOST"))","Expiration":"2126-07-01T12:00:00Z"}
            """)
    }

    static func secret(of key: String) -> String { "secret/\(key)" }
    static func token(of key: String) -> String { "token+\(key)" }

    private static func role(_ request: ReceivedRequest) -> Reply? {
        var parts = URLComponents()
        parts.percentEncodedQuery = String(decoding: request.body, as: UTF8.self)
        var form: [String: String] = [:]
        for item in parts.queryItems ?? [] { form[item.name] = item.value ?? "" }
        guard let action = form["Action"] else { return nil }
        let name = form["RoleSessionName"] ?? ""
        if name.hasPrefix("botocore-session-") || name == "keyrite-test" { form["RoleSessionName"] = "own" }
        let caller = request.header("authorization").flatMap { AuthorizationHeader($0) }?.accessKeyID ?? "nobody"
        let sent = request.header("x-amz-security-token")
        guard sent == (caller.hasPrefix("ASIA") ? token(of: caller) : nil) else { return nil }
        let key = key(of: caller, form)
        // A role's path is no part of its sessions' ARN.
        let role = (form["RoleArn"] ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard role.count == 6, let own = role[5].split(separator: "/").last else { return nil }
        let session = "arn:\(role[1]):sts::\(role[4]):assumed-role/\(own)/\(name)"
        return .answer(
            """
            <\(action)Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <\(action)Result>
                <AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId><Arn>\(session)</Arn></AssumedRoleUser>
                <Credentials>
                  <AccessKeyId>\(key)</AccessKeyId><SecretAccessKey>\(secret(of: key))</SecretAccessKey>
                  <SessionToken>\(token(of: key))</SessionToken><Expiration>2126-07-01T12:00:00Z</Expiration>
                </Credentials>
              </\(action)Result>
              <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>
            </\(action)Response>
            """, headers: ["content-type": "text/xml"])
    }

    private static func key(of caller: String, _ form: [String: String]) -> String {
        let text = form.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
        return "ASIA" + SHA256Digest(of: Array("\(caller) \(text)".utf8)).hex.prefix(16).uppercased()
    }
}
