import AWS

extension ReferenceSource {
    /// What buckets encrypt new objects with; objects have keys of their own.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html>
    static let s3: Self = Self(
        service: Service("s3", .restXML, otherwise: .assumed(100)),
        operations: ["ListBuckets", "GetBucketLocation", "GetBucketEncryption"], followsAliases: true
    ) { look in
        let buckets = Listing(
            ServiceCall<Buckets>(
                s3.service, "ListBuckets",
                ["max-buckets": .number(1000), "bucket-region": .text(look.place.region)],
                root: "ListAllMyBucketsResult"),
            marker: "continuation-token", next: \.next, entries: { $0.buckets?.bucket ?? [] })
        try await look.each(of: buckets) { bucket, look in
            let arn = "arn:\(look.place.partition):s3:::\(bucket.name)"
            guard try await isHere(bucket, arn, &look) else { return }
            let call = ServiceCall<Encryption>(
                s3.service, "GetBucketEncryption", ["encryption": .bare], bucket: bucket.name,
                root: "ServerSideEncryptionConfiguration")
            let answer = try await look.ask(
                call, of: arn, accepting: ["ServerSideEncryptionConfigurationNotFoundError"])
            for rule in answer?.rules ?? [] {
                guard let byDefault = rule.byDefault, byDefault.algorithm.hasPrefix("aws:kms") else { continue }
                look.add(
                    FoundReference(
                        type: "AWS::S3::Bucket", resource: arn, setting: "KMSMasterKeyID",
                        names: byDefault.key.flatMap { $0.isEmpty ? nil : $0 },
                        details: UseDetails(
                            bucketKey: rule.bucketKey ?? false, algorithm: OutsideText(byDefault.algorithm))))
            }
        }
    }

    /// Whether a bucket lies in the Region: the listing says so of each, or is of all Regions.
    private static func isHere(_ bucket: Buckets.Bucket, _ arn: String, _ look: inout ServiceLook) async throws -> Bool
    {
        if let region = bucket.region, !region.isEmpty { return region == look.place.region }
        let call = ServiceCall<Location>(
            s3.service, "GetBucketLocation", ["location": .bare], bucket: bucket.name, root: "LocationConstraint")
        guard let answer = try await look.ask(call, of: arn) else { return false }
        // The oldest two Regions have names of their own.
        let region =
            switch answer.region ?? "" {
            case "": "us-east-1"
            case "EU": "eu-west-1"
            case let name: name
            }
        return region == look.place.region
    }
}

private struct Buckets: Decodable, Sendable {
    struct List: Decodable, Sendable {
        let bucket: [Bucket]

        private enum CodingKeys: String, CodingKey { case bucket = "Bucket" }
    }
    struct Bucket: Decodable, Sendable {
        let name: String
        let region: String?

        private enum CodingKeys: String, CodingKey {
            case name = "Name"
            case region = "BucketRegion"
        }
    }
    let buckets: List?
    let next: String?

    private enum CodingKeys: String, CodingKey {
        case buckets = "Buckets"
        case next = "ContinuationToken"
    }
}

private struct Location: Decodable, Sendable {
    let region: String?

    private enum CodingKeys: String, CodingKey { case region = "" }
}

private struct Encryption: Decodable, Sendable {
    struct Rule: Decodable, Sendable {
        let byDefault: ByDefault?
        let bucketKey: Bool?

        private enum CodingKeys: String, CodingKey {
            case byDefault = "ApplyServerSideEncryptionByDefault"
            case bucketKey = "BucketKeyEnabled"
        }
    }
    struct ByDefault: Decodable, Sendable {
        let algorithm: String
        let key: String?

        private enum CodingKeys: String, CodingKey {
            case algorithm = "SSEAlgorithm"
            case key = "KMSMasterKeyID"
        }
    }
    let rules: [Rule]

    private enum CodingKeys: String, CodingKey { case rules = "Rule" }
}
