import type { Readable } from 'node:stream';
import busboy from 'busboy';
import type { Request } from 'express';
import { HttpError } from './problems';

/** The uploaded text: the body itself, or the first file of a multipart form. @throws HttpError 415, 400 */
export async function openUpload(request: Request): Promise<Readable> {
  if (request.is(['text/csv', 'text/plain', 'application/csv']) !== false) return request;
  if (request.is('multipart/form-data') === false) {
    throw new HttpError(
      415,
      'NOT_CSV',
      'Send the table as text/csv, or as the one file of a multipart/form-data form.',
    );
  }
  return firstFile(request);
}

function firstFile(request: Request): Promise<Readable> {
  return new Promise((resolve, reject) => {
    const form = busboy({ headers: request.headers, limits: { files: 1 } });
    form.on('file', (_, file) => {
      resolve(file);
    });
    form.on('error', (error) => {
      reject(
        new HttpError(
          400,
          'BAD_FORM',
          `The form cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        ),
      );
    });
    form.on('close', () => {
      // After a file this changes nothing: a promise is settled once.
      reject(new HttpError(400, 'NO_FILE', 'The form holds no file.'));
    });
    request.pipe(form);
  });
}
