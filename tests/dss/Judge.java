// What the EU's DSS validator finds in signed files: one line of JSON per signature.
// Usage: Judge TRUSTED.pem|- FILE|SIGNATURE=CONTENT ...   Nothing is fetched from the network.

import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.util.List;

public class Judge {
    public static void main(String[] arguments) {
        for (int i = 1; i < arguments.length; i++) {
            try {
                judge(arguments[0], arguments[i]);
            } catch (Exception | StackOverflowError error) {
                System.out.println("{\"file\": " + quoted(arguments[i]) + ", \"error\": "
                        + quoted(String.valueOf(error)) + "}");
            }
        }
    }

    private static void judge(String trusted, String argument) {
        String[] names = argument.split("=", 2);
        DSSDocument document = new FileDocument(names[0]);
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(document);
        if (names.length > 1) {
            validator.setDetachedContents(List.of(new FileDocument(names[1])));
        }
        CommonCertificateVerifier verifier = new CommonCertificateVerifier(true);
        if (!trusted.equals("-")) {
            CommonTrustedCertificateSource source = new CommonTrustedCertificateSource();
            source.addCertificate(DSSUtils.loadCertificate(new File(trusted)));
            verifier.setTrustedCertSources(source);
        }
        validator.setCertificateVerifier(verifier);
        Reports reports = validator.validateDocument();
        SimpleReport simple = reports.getSimpleReport();
        DiagnosticData data = reports.getDiagnosticData();
        for (String id : simple.getSignatureIdList()) {
            SignatureWrapper signature = data.getSignatureById(id);
            System.out.println("{\"file\": " + quoted(argument)
                    + ", \"field\": " + quoted(String.valueOf(signature.getSignatureFieldNames()))
                    + ", \"level\": " + quoted(String.valueOf(simple.getSignatureFormat(id)))
                    + ", \"indication\": " + quoted(String.valueOf(simple.getIndication(id)))
                    + ", \"sub_indication\": " + quoted(String.valueOf(simple.getSubIndication(id)))
                    + ", \"intact\": " + (signature.isSignatureIntact() && signature.isSignatureValid())
                    + ", \"byte_range_valid\": " + (signature.getPDFRevision() == null
                            || signature.isSignatureByteRangeValid())
                    + ", \"modified\": " + (signature.getPDFRevision() != null
                            && signature.arePdfModificationsDetected())
                    + ", \"overlapping_annotations_on\": "
                    + (signature.getPDFRevision() == null ? "[]"
                            : String.valueOf(signature.getPdfAnnotationsOverlapConcernedPages()))
                    + ", \"pages_changed\": "
                    + (signature.getPDFRevision() == null ? "[]"
                            : String.valueOf(signature.getPdfPageDifferenceConcernedPages()))
                    + ", \"undefined_changes\": " + quoted(signature.getPDFRevision() == null ? ""
                            : signature.getPdfUndefinedChanges().stream()
                                .map(change -> change.getValue() + " " + change.getAction())
                                .collect(java.util.stream.Collectors.joining("; ")))
                    + "}");
        }
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\s+", " ") + '"';
    }
}
