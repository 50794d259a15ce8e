import AWS

extension ReferenceSource {
    /// <https://docs.aws.amazon.com/efs/latest/ug/API_DescribeFileSystems.html>
    static let efs: Self = Self(
        service: Service("elasticfilesystem", .restJSON, otherwise: .assumed(10)),
        operations: ["DescribeFileSystems"], followsAliases: false
    ) { look in
        let systems = Listing(
            ServiceCall<FileSystems>(
                efs.service, "DescribeFileSystems", ["MaxItems": .number(100)], path: "/2015-02-01/file-systems"),
            marker: "Marker", next: \.next, entries: \.systems)
        try await look.take(from: systems) { system, look in
            let arn = system.arn ?? look.place.arn("elasticfilesystem", "file-system/\(system.id)")
            look.add("AWS::EFS::FileSystem", arn, "KmsKeyId", system.key)
        }
    }
}

private struct FileSystems: Decodable, Sendable {
    struct FileSystem: Decodable, Sendable {
        let id: String
        let arn: String?
        let key: String?

        private enum CodingKeys: String, CodingKey {
            case id = "FileSystemId"
            case arn = "FileSystemArn"
            case key = "KmsKeyId"
        }
    }
    let systems: [FileSystem]
    let next: String?

    private enum CodingKeys: String, CodingKey {
        case systems = "FileSystems"
        case next = "NextMarker"
    }
}
