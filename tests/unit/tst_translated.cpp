// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/freshnesssources.h"
#include "core/pg/session.h"

#include <QCoreApplication>
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QTest>
#include <QTranslator>

using namespace tidemark;

namespace {

/// A language in which every text stands in brackets.
class Bracketed : public QTranslator
{
public:
    [[nodiscard]] bool isEmpty() const override { return false; }
    [[nodiscard]] QString translate(const char *context, const char *text, const char * /*note*/,
                                    int /*number*/) const override
    {
        return QStringLiteral("[%1: %2]").arg(QLatin1String(context), QString::fromUtf8(text));
    }
};

} // namespace

class TstTranslated : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textsOfTheCoreGoThroughTheTranslator()
    {
        Bracketed language;
        QVERIFY(QCoreApplication::installTranslator(&language));
        QCOMPARE(FreshnessSources().judge(1, false).blindSpot,
                 QStringLiteral("[Freshness: its definition names no table]"));
        const auto info = pg::ConnInfo::parse(QStringLiteral("host=127.0.0.1 port=1"));
        QVERIFY(info);
        const auto session = pg::Session::open(*info);
        QVERIFY(!session);
        QVERIFY2(session.error().hint.startsWith(QLatin1String("[Connecting: Check that the server runs")),
                 qPrintable(session.error().hint));
        QCoreApplication::removeTranslator(&language);
    }

    /// lupdate finds a text where it stands inside tr() or translate() itself, not where a function of ours hands it on.
    void noTextReachesTheTranslatorByAHelper()
    {
        static const QRegularExpression helper(QStringLiteral("translate\\(\"[^\"]*\",\\s*[a-z]\\w*\\)"));
        for (const char *folder : {"core", "ui", "app"}) {
            QDirIterator files(QStringLiteral(TIDEMARK_SOURCE_DIR "/") + QLatin1String(folder),
                               {QStringLiteral("*.cpp"), QStringLiteral("*.h")}, QDir::Files,
                               QDirIterator::Subdirectories);
            while (files.hasNext()) {
                QFile file(files.next());
                QVERIFY(file.open(QIODevice::ReadOnly));
                QVERIFY2(!helper.match(QString::fromUtf8(file.readAll())).hasMatch(), qPrintable(file.fileName()));
            }
        }
    }
};

QTEST_GUILESS_MAIN(TstTranslated)
#include "tst_translated.moc"
