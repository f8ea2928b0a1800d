// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/htmlpdf.h"

#include <QFile>
#include <QGuiApplication>
#include <QTextStream>

using namespace tidemark;

/// Draws the HTML of standard input into a PDF file, for programs without a GUI module. Needs no display.
int main(int argc, char **argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    const QGuiApplication qt(argc, argv);
    QTextStream err(stderr);
    if (argc != 2) {
        err << "usage: tidemark-pdf FILE < report.html" << Qt::endl;
        return 2;
    }
    QFile in;
    if (!in.open(stdin, QIODevice::ReadOnly)) {
        err << in.errorString() << Qt::endl;
        return 1;
    }
    if (const Status drawn = ui::drawPdf(QString::fromUtf8(in.readAll()), QFile::decodeName(argv[1])); !drawn) {
        err << drawn.error().summary() << Qt::endl;
        return 1;
    }
    return 0;
}
