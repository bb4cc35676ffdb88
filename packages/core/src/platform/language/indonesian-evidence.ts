/** Texts about the examination of evidence: findings, reasons for refusals, and file types. */
export const EVIDENCE_TEXTS: Readonly<Record<string, string>> = {
  "The reading is only accurate to {0} m.": "Ketelitian posisi ini hanya {0} m.",
  "The picture was taken {0} km from another reading or picture.":
    "Gambar diambil {0} km dari posisi atau gambar lain.",
  "Another reading of this member implies a speed of {0} km/h.":
    "Posisi lain dari anggota ini berarti kecepatan {0} km/jam.",
  "Another piece of evidence is {0} days away.": "Bukti lain berselisih {0} hari.",
  "The picture looks like that of evidence {0} of another contribution.":
    "Gambar ini mirip dengan gambar bukti {0} dari kontribusi lain.",
  "A witness has the contributor's username.": "Salah satu saksi memakai nama pengguna pelaku.",
  "Parts of the picture's metadata cannot be read.": "Sebagian metadata gambar tidak dapat dibaca.",
  "The picture was changed after its content credentials were signed.":
    "Gambar diubah setelah kredensial kontennya ditandatangani.",
  "The picture's time has no time zone; it matches the claim at UTC{0}{1}:{2}.":
    "Waktu gambar tanpa zona waktu; waktu itu cocok dengan keterangan pada UTC{0}{1}:{2}.",
  "The picture's time has no time zone; it matches the claim at UTC{0}.":
    "Waktu gambar tanpa zona waktu; waktu itu cocok dengan keterangan pada UTC{0}.",
  "The picture's time differs from the claimed time by {0} s.":
    "Waktu gambar berselisih {0} detik dari waktu yang disebut.",

  "Its submitter has deleted their account.": "Pengirimnya sudah menghapus akunnya.",
  "The owner of the contribution declined this piece.": "Pemilik kontribusi menolak bukti ini.",
  "The contribution was decided before this piece was accepted.":
    "Kontribusi sudah diputuskan sebelum bukti ini diterima.",
  "The file is damaged or is no valid {0}.": "Berkas rusak atau bukan {0} yang sah.",
  "The file's length differs from the declared one.": "Panjang berkas berbeda dari yang disebut.",
  "The file's SHA-256 differs from media_hash.": "SHA-256 berkas berbeda dari media_hash.",
  "The file is {0}, not {1}.": "Berkas ini {0*}, bukan {1}.",
  "The file is a HEIF picture coded as {0}, not image/heic (HEVC).":
    "Berkas ini gambar HEIF dengan kode {0}, bukan image/heic (HEVC).",
  "The picture is stored in more than {0} scans.": "Gambar disimpan dalam lebih dari {0} pemindaian.",
  "The {0} is encrypted. Save it without a password or copy protection.":
    "Berkas {0*} ini terkunci. Simpan tanpa kata sandi atau perlindungan salinan.",
  "The JPEG is coded in a rare way that is not supported. Save it as an ordinary JPEG.":
    "JPEG ini dikodekan dengan cara langka yang tidak didukung. Simpan sebagai JPEG biasa.",
  "The file has no pictures, only sound or texts.": "Berkas ini tidak berisi gambar, hanya suara atau teks.",
  "The video is in a format that is not supported. Save it as H.264 or H.265.":
    "Format video ini tidak didukung. Simpan sebagai H.264 atau H.265.",
  "The file's metadata has too many parts.": "Metadata berkas memiliki terlalu banyak bagian.",
  "A picture must have at least {0}×{1} pixels.": "Gambar harus memiliki paling sedikit {0}×{1} piksel.",
  "The picture has {0} megapixels; the limit is {1}, or {2} for a baseline JPEG or a HEIC.":
    "Gambar memiliki {0} megapiksel; batasnya {1}, atau {2} untuk JPEG baseline atau HEIC.",
  "Decoding the picture needs {0} MB; the limit is {1} MB. Save it without interlacing, or with 8 bits per colour.":
    "Membuka gambar memerlukan {0} MB; batasnya {1} MB. Simpan tanpa interlacing, atau dengan 8 bit tiap warna.",

  "a JPEG picture ({0})": "gambar JPEG ({0})",
  "a PNG picture ({0})": "gambar PNG ({0})",
  "a WebP picture ({0})": "gambar WebP ({0})",
  "a HEIC picture ({0})": "gambar HEIC ({0})",
  "a PDF document ({0})": "dokumen PDF ({0})",
  "an MP4 video ({0})": "video MP4 ({0})",
  "a QuickTime video ({0})": "video QuickTime ({0})",
  "a GIF picture": "gambar GIF",
  "a TIFF or raw picture": "gambar TIFF atau gambar mentah",
  "a BMP picture": "gambar BMP",
  "an AVI video": "video AVI",
  "a WebM or Matroska video": "video WebM atau Matroska",
  "a JPEG XL picture": "gambar JPEG XL",
  "a ZIP archive or an office document": "arsip ZIP atau dokumen perkantoran",
  "a web page": "halaman web",
  "an XML or SVG file": "berkas XML atau SVG",
  "a program": "program",
  "a script": "skrip",
  "an old QuickTime video without its type": "video QuickTime lama tanpa jenisnya",
  "an AVIF picture": "gambar AVIF",
  "a raw picture of Canon (CR3)": "gambar mentah Canon (CR3)",
  "a sound recording": "rekaman suara",
  "a 3GP or Flash video": "video 3GP atau Flash",
  "an empty file": "berkas kosong",
  "of an unknown type": "berjenis tidak dikenal",
};
