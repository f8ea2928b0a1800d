// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/htmlpdf.h"

#include <QAbstractTextDocumentLayout>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QTextDocument>

namespace tidemark::ui {

Status drawPdf(const QString &html, const QString &file)
{
    QSaveFile out(file);
    const auto refused = [&out, &file] {
        return fail(Error::local(QStringLiteral("%1: %2").arg(file, out.errorString())));
    };
    if (!out.open(QIODevice::WriteOnly))
        return refused();
    {
        QPdfWriter writer(&out);
        writer.setPageSize(QPageSize(QPageSize::A4));
        writer.setPageMargins(QMarginsF(18, 16, 18, 18), QPageLayout::Millimeter);
        writer.setResolution(300);
        writer.setCreator(QStringLiteral("Tidemark"));
        QTextDocument document;
        document.documentLayout()->setPaintDevice(&writer);
        document.setHtml(html);
        writer.setTitle(document.metaInformation(QTextDocument::DocumentTitle));
        // The last line of a page is the number's.
        const QSizeF page(writer.width(), writer.height());
        const qreal footer = writer.resolution() / 4.0;
        document.setPageSize(page - QSizeF(0, footer));
        QPainter painter(&writer);
        for (int number = 0; number < document.pageCount(); ++number) {
            if (number > 0)
                writer.newPage();
            painter.save();
            const QRectF part(0, number * (page.height() - footer), page.width(), page.height() - footer);
            painter.translate(0, -part.top());
            document.drawContents(&painter, part);
            painter.restore();
            painter.drawText(QRectF(0, page.height() - footer, page.width(), footer), Qt::AlignRight | Qt::AlignBottom,
                             QStringLiteral("%1 / %2").arg(number + 1).arg(document.pageCount()));
        }
    }
    if (!out.commit())
        return refused();
    return {};
}

} // namespace tidemark::ui
