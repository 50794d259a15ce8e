/// What a price list can have prices of.
package enum PriceItem: String, CaseIterable, Sendable {
    case kmsKey = "kms-key"
    case kmsRotation = "kms-rotation"
    case kmsRequests = "kms-requests"
    case s3Update = "s3-update-object-encryption"
    case s3Copy = "s3-copy-object"
    case s3BatchJob = "s3-batch-job"
    case s3BatchObjects = "s3-batch-objects"
    case s3Storage = "s3-storage"
    case rdsSnapshot = "rds-snapshot"
    case rdsInstance = "rds-instance"
    case rdsStorage = "rds-storage"
    case ebsSnapshot = "ebs-snapshot"
    case ebsVolume = "ebs-volume"
    case efsStorage = "efs-storage"
    case dynamoDBRestore = "dynamodb-restore"
    case dynamoDBBackup = "dynamodb-backup"

    /// What the price is to be of, as a price list must say it.
    package var per: String {
        switch self {
        case .kmsKey: "key and month"
        case .kmsRotation: "rotation and month"
        case .kmsRequests: "10000 requests"
        case .s3Update, .s3Copy: "1000 requests"
        case .s3BatchJob: "job"
        case .s3BatchObjects: "1000000 objects"
        case .rdsInstance: "hour"
        case .dynamoDBRestore: "GB"
        case .s3Storage, .rdsSnapshot, .rdsStorage, .ebsSnapshot, .ebsVolume, .efsStorage, .dynamoDBBackup:
            "GB and month"
        }
    }

    var unit: Int {
        switch self {
        case .kmsRequests: 10_000
        case .s3Update, .s3Copy: 1_000
        case .s3BatchObjects: 1_000_000
        default: 1
        }
    }

    /// Whether it is paid each month, for as long as both old and new are kept.
    package var isMonthly: Bool { per.hasSuffix("month") }
}
