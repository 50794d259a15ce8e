extension ServiceCall {
    /// The question as the service's protocol has it.
    ///
    /// - Parameter endpoint: Where it is asked, which says how a bucket is named.
    func request(to endpoint: Endpoint) throws -> ServiceRequest {
        switch service.wire {
        case .json(let version, let prefix): try json(version, prefix)
        case .query(let version): form(version) { "\($0).member.\($1)" }
        case .ec2(let version): form(version) { "\($0).\($1)" }
        case .restXML, .restJSON: rest(BucketAddress(bucket, at: endpoint))
        }
    }

    private func json(_ version: WireProtocol.JSONVersion, _ prefix: String) throws -> ServiceRequest {
        ServiceRequest(
            operation: operation, isIdempotent: true,
            headers: [
                .init("Content-Type", "application/x-amz-json-\(version.rawValue)"),
                .init("X-Amz-Target", "\(prefix).\(operation)"),
            ],
            body: try KMSWire.encode(parameters), errorFormat: .json, answerLimit: Self.answerLimit)
    }

    /// - Parameter element: The name of a list's element, the first being 1.
    private func form(_ version: String, element: (String, Int) -> String) -> ServiceRequest {
        var fields = [("Action", operation), ("Version", version)]
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
            if case .list(let list) = value {
                fields += list.enumerated().map { (element(name, $0 + 1), $1) }
            } else {
                fields.append((name, value.text))
            }
        }
        let form = fields.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
        return ServiceRequest(
            operation: operation, isIdempotent: true,
            headers: [.init("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
            body: Array(form.utf8), errorFormat: .xml, answerLimit: Self.answerLimit)
    }

    private func rest(_ address: BucketAddress) -> ServiceRequest {
        let query = parameters.sorted { $0.key < $1.key }.flatMap { name, value -> [String] in
            let name = PercentEncoding.encode(name)
            switch value {
            case .bare: return [name]
            case .list(let list): return list.map { "\(name)=\(PercentEncoding.encode($0))" }
            default: return ["\(name)=\(PercentEncoding.encode(value.text))"]
            }
        }
        var request = ServiceRequest(
            operation: operation, isIdempotent: true, headers: [], body: [], errorFormat: service.wire.errorFormat,
            answerLimit: Self.answerLimit)
        request.method = "GET"
        request.hostPrefix = address.hostPrefix
        request.path = address.path + (bucket != nil && path == "/" ? "" : path)
        request.query = query.joined(separator: "&")
        // S3 alone speaks this protocol here, and signs otherwise than all others.
        if service.wire == .restXML { request.signing = .s3 }
        return request
    }

    /// A page of a thousand entries has less than a MiB.
    private static var answerLimit: Int { 16 << 20 }
}

extension CallValue: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        case .list(let list): try container.encode(list)
        case .bare: try container.encode("")
        }
    }

    /// As forms and query strings have it; of a list, nothing.
    fileprivate var text: String {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        case .flag(let flag): flag ? "true" : "false"
        case .list, .bare: ""
        }
    }
}
