// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/changing.h"
#include "app/cli/verbs.h"
#include "core/plan/report.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QProcess>
#include <QSaveFile>
#include <QTemporaryFile>

namespace tidemark::cli {

namespace {

Status writeFile(const QString &name, const QByteArray &content)
{
    QSaveFile file(name);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size() || !file.commit())
        return fail(Error::local(QStringLiteral("%1: %2").arg(name, file.errorString()),
                                 QStringLiteral("Name a file in a folder that is yours to write.")));
    return {};
}

/// Drawing letters takes Qt's GUI module, which this program does without: another one beside it does that.
Status writePdf(const QString &name, const QByteArray &html)
{
    const QString program = QCoreApplication::applicationDirPath() + QStringLiteral("/tidemark-pdf");
    if (!QFileInfo(program).isExecutable()) {
        return fail(
            Error::local(QStringLiteral("%1, which draws PDF files, is not there").arg(program),
                         QStringLiteral("It comes with the GUI; --html needs nothing else, and a browser prints it.")));
    }
    QProcess drawing;
    drawing.start(program, {name});
    drawing.write(html);
    drawing.closeWriteChannel();
    if (!drawing.waitForFinished(60'000) || drawing.exitStatus() != QProcess::NormalExit || drawing.exitCode() != 0) {
        const QString told = QString::fromUtf8(drawing.readAllStandardError()).trimmed();
        return fail(Error::local(
            QStringLiteral("%1 was not drawn: %2").arg(name, told.isEmpty() ? drawing.errorString() : told)));
    }
    return {};
}

Result<ExitCode> report(const Context &context)
{
    TIDEMARK_TRY(const qint64 id, runArgument(context));
    const QString html = context.options.value(QStringLiteral("html"));
    const QString pdf = context.options.value(QStringLiteral("pdf"));
    const bool signs = context.options.isSet(QStringLiteral("sign"));
    if (html.isEmpty() && pdf.isEmpty() && !context.json && !signs) {
        return fail(Error::input(QStringLiteral("the report has no form"),
                                 QStringLiteral("Give --html FILE, --pdf FILE or --json.")));
    }
    TIDEMARK_TRY(const ChangeTarget target, changeTarget(context));
    TIDEMARK_TRY(pg::Session session, openForChange(target));
    if (signs) {
        const QString words = context.options.value(QStringLiteral("sign"));
        TIDEMARK_CHECK(signOffRun(session, id, words));
        audit(context, target, QStringLiteral("sign off run %1").arg(id), words);
    }
    TIDEMARK_TRY(const RunReport made, reportOfRun(session, id));
    if (!html.isEmpty())
        TIDEMARK_CHECK(writeFile(html, made.html().toUtf8()));
    if (!pdf.isEmpty())
        TIDEMARK_CHECK(writePdf(pdf, made.html().toUtf8()));
    if (context.json)
        context.print(made.evidence);
    return ExitCode::Done;
}

} // namespace

Verb reportVerb()
{
    return {
        QStringLiteral("report"),
        QStringLiteral("what a run did, as evidence: its steps, what they proved, its journal and statements"),
        QStringLiteral("ID"),
        {QCommandLineOption(QStringLiteral("html"), QStringLiteral("Write it as one HTML file."),
                            QStringLiteral("FILE")),
         QCommandLineOption(QStringLiteral("pdf"), QStringLiteral("Write it as a PDF file."), QStringLiteral("FILE")),
         QCommandLineOption(QStringLiteral("sign"),
                            QStringLiteral("Sign the run off first, with these words, in its journal."),
                            QStringLiteral("WORDS"))},
        [](const Context &context) {
            const auto done = report(context);
            return done ? *done : context.fail(done.error());
        },
        1};
}

} // namespace tidemark::cli
