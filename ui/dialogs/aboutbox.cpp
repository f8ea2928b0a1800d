// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/aboutbox.h"

#include "ui/services/icons.h"
#include "ui/services/theme.h"

#include <QCoreApplication>
#include <QMessageBox>

namespace tidemark::ui {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(tidemark::ui::AboutBox)
};

} // namespace

void showAbout(QWidget *parent)
{
    auto *box = new QMessageBox(parent);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setWindowTitle(Words::tr("About Tidemark"));
    const int size = spacing(parent, 16);
    box->setIconPixmap(applicationIcon().pixmap(size, size));
    box->setText(Words::tr("Tidemark %1").arg(QCoreApplication::applicationVersion()));
    box->setInformativeText(Words::tr("Freshness, partitions, locks and staged changes of PostgreSQL, for DBAs.\n\n"
                                      "Free software under the GNU General Public License, version 3 or later."));
    box->open();
}

} // namespace tidemark::ui
